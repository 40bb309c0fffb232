import MatrixModel
import PresenceCore

/// Presence computed in the most naive way: a simulation in steps of a second that counts seconds and looks at everything each time.
///
/// It shares nothing with the engine but the words. All its periods are whole seconds, all facts happen at whole seconds.
struct NaiveModel {
    struct Periods {
        var grace = 6
        var reachable = 20
        var busyGrace = 15
        var idle = 12
        var settle = 2
        var longestSettle = 16
        var window = 60
        var pusher = 100
        var busyExpires = 50
        var unavailableExpires = 70
    }

    struct Device {
        var syncs: [Int: SyncClaim] = [:]
        var sinceContact: Int?
        var sinceActivity: Int?
        /// Since a contact before the start that counts for the pusher alone.
        var sinceOldContact: Int?
        var endedClaim: SyncClaim?
        var saidOnline = false
        var softPut = false
        var pusher = false
    }

    struct Choice: Equatable {
        var presence: Presence
        var expires: Int64?
        var isSoft: Bool
    }

    struct User {
        var devices: [String: Device] = [:]
        var choice: Choice?
        var published: Presence?
        var lastOnline: Int64?
        var fallWaits: Int?
        var sinceFalls: [Int] = []
        var shown: [Published] = []
    }

    struct Published: Equatable {
        var presence: Presence
        var lastActive: Int64?
        var at: Int64
    }

    static let periods = Periods()
    var users: [String: User]
    /// The wall clock in milliseconds.
    var wall: Int64
    /// Seconds until the time after a start is over.
    var recovery: Int

    init(users: [String], wall: Int64) {
        self.users = Dictionary(uniqueKeysWithValues: users.map { ($0, User()) })
        self.wall = wall
        recovery = Self.periods.grace
    }

    // MARK: Time

    /// A second passes for everybody. The caller has moved the wall clock.
    mutating func secondPassed() {
        recovery = max(0, recovery - 1)
        for name in users.keys {
            for id in users[name]!.devices.keys { users[name]!.devices[id]!.secondPassed() }
            users[name]!.sinceFalls = users[name]!.sinceFalls.map { $0 + 1 }
            users[name]!.fallWaits = users[name]!.fallWaits.map { $0 - 1 }
        }
        look()
    }

    /// Looks whether anything is over.
    mutating func look() {
        for name in users.keys { update(name, byHand: expire(name)) }
    }

    private mutating func expire(_ name: String) -> Bool {
        guard let expires = users[name]?.choice?.expires, expires <= wall else { return false }
        users[name]!.choice = nil
        return true
    }

    // MARK: Facts

    mutating func syncStarted(_ name: String, _ id: String, number: Int, claim: SyncClaim) {
        guard claim != .silent else { return }
        let byHand = expire(name)
        var device = users[name]!.devices[id] ?? Device()
        let said = device.syncs.values.contains(.explicit(.online)) || device.claim == .explicit(.online)
        if claim == .explicit(.online), !said, users[name]!.choice?.isSoft == true { users[name]!.choice = nil }
        device.contact()
        device.syncs[number] = claim
        device.saidOnline = false
        users[name]!.devices[id] = device
        update(name, byHand: byHand)
    }

    mutating func syncEnded(_ name: String, _ id: String, number: Int) {
        guard let claim = users[name]?.devices[id]?.syncs.removeValue(forKey: number) else { return }
        let byHand = expire(name)
        users[name]!.devices[id]!.endedClaim = claim
        users[name]!.devices[id]!.sinceContact = 0
        users[name]!.devices[id]!.saidOnline = false
        update(name, byHand: byHand)
    }

    mutating func activity(_ name: String, _ id: String) {
        let byHand = expire(name)
        if users[name]?.choice?.isSoft == true { users[name]!.choice = nil }
        var device = users[name]!.devices[id] ?? Device()
        let wasLive = device.isLive
        device.contact()
        if !wasLive || device.claim == nil { device.endedClaim = .impliedOnline }
        device.sinceActivity = 0
        users[name]!.devices[id] = device
        update(name, byHand: byHand)
    }

    mutating func put(_ name: String, _ id: String, _ put: PresencePut) {
        if let expires = put.expires, expires.milliseconds <= wall { return }
        var byHand = expire(name)
        if put.presence == .offline {
            users[name]!.devices[id]?.softPut = false
            users[name]!.choice = Choice(presence: .offline, expires: put.expires?.milliseconds, isSoft: false)
            return update(name, byHand: true)
        }
        var device = users[name]!.devices[id] ?? Device()
        let onlyText = put.hasStatusText && device.claim == .explicit(put.presence)
        device.contact()
        let hasFirm = users[name]!.choice.map { !$0.isSoft } ?? false
        let isSoft = put.presence == .unavailable && put.expires == nil && !put.isManual
        if onlyText {
            users[name]!.devices[id] = device
            return update(name, byHand: byHand)
        }
        if put.presence == .online {
            if !(device.softPut && hasFirm) {
                users[name]!.choice = nil
                byHand = true
            }
            device.endedClaim = .explicit(.online)
            device.saidOnline = true
            device.sinceActivity = 0
        } else if !(isSoft && hasFirm) {
            let seconds = put.presence == .busy ? Self.periods.busyExpires : Self.periods.unavailableExpires
            let expires = isSoft ? nil : put.expires?.milliseconds ?? wall + Int64(seconds) * 1000
            users[name]!.choice = Choice(presence: put.presence, expires: expires, isSoft: isSoft)
            byHand = true
        }
        device.softPut = isSoft
        users[name]!.devices[id] = device
        update(name, byHand: byHand)
    }

    mutating func cleared(_ name: String) {
        guard users[name]?.choice != nil else { return }
        users[name]!.choice = nil
        update(name, byHand: true)
    }

    mutating func loggedOut(_ name: String, _ id: String) {
        let byHand = expire(name)
        users[name]!.devices[id] = nil
        update(name, byHand: byHand || !users[name]!.devices.values.contains { $0.isReachable })
    }

    mutating func pusher(_ name: String, _ id: String, isWorking: Bool) {
        guard isWorking || users[name]?.devices[id] != nil else { return }
        let byHand = expire(name)
        users[name]!.devices[id, default: Device()].pusher = isWorking
        update(name, byHand: byHand)
    }

    /// The server stops and starts again; `contacts` is what it kept of them, `stopped` when it knows to have been alive.
    mutating func restarted(contacts: [String: [String: Int64]], stopped: Int64, softDevices: [String: String]) {
        let age = { [wall] (contact: Int64) in Int(max(0, wall - contact) / 1000) }
        recovery = Self.periods.grace
        for name in users.keys {
            let before = users[name]!
            users[name]!.devices = [:]
            users[name]!.fallWaits = nil
            users[name]!.sinceFalls = []
            for (id, contact) in contacts[name] ?? [:] {
                let isRecent = (stopped - contact) <= Int64(Self.periods.reachable + 60) * 1000
                let wasThere = isRecent && (before.published ?? .offline) != .offline
                var device = Device(
                    sinceContact: wasThere ? 0 : nil, sinceActivity: wasThere ? 0 : nil,
                    sinceOldContact: wasThere ? nil : age(contact))
                device.pusher = before.devices[id]?.pusher ?? false
                device.softPut = softDevices[name] == id
                users[name]!.devices[id] = device
            }
        }
        look()
    }

    // MARK: What comes of it

    func effective(_ name: String) -> Presence {
        guard let user = users[name] else { return .offline }
        let devices = user.devices.values
        let choice = user.choice.flatMap { ($0.expires ?? .max) > wall ? $0.presence : nil }
        if choice == .offline { return .offline }
        if !devices.contains(where: \.isReachable) { return .offline }
        if choice == .busy || devices.contains(where: { $0.claim == .explicit(.busy) }) { return .busy }
        if choice == .unavailable { return .unavailable }
        return devices.contains(where: \.isInUse) ? .online : .unavailable
    }

    private mutating func update(_ name: String, byHand: Bool) {
        let standing = users[name]!.published ?? .offline
        let presence = effective(name)
        if presence == standing {
            users[name]!.fallWaits = nil
        } else if presence > standing || byHand {
            publish(presence, of: name)
        } else if let waits = users[name]!.fallWaits {
            if waits <= 0 { publish(presence, of: name) }
        } else {
            let lately = users[name]!.sinceFalls.count { $0 < Self.periods.window }
            let settle = (0..<lately).reduce(Self.periods.settle) { settle, _ in min(settle * 2, Self.periods.longestSettle) }
            users[name]!.fallWaits = max(settle, recovery)
        }
    }

    private mutating func publish(_ presence: Presence, of name: String) {
        let standing = users[name]!.published ?? .offline
        if presence < standing { users[name]!.sinceFalls.append(0) }
        if standing == .online || presence == .online { users[name]!.lastOnline = wall }
        users[name]!.published = presence
        users[name]!.fallWaits = nil
        // A clock that was set back makes nobody active in a time to come.
        let lastActive = presence == .online ? nil : users[name]!.lastOnline.map { min($0, wall) }
        users[name]!.shown.append(Published(presence: presence, lastActive: lastActive, at: wall))
    }
}

extension NaiveModel.Device {
    private var periods: NaiveModel.Periods { NaiveModel.periods }

    var isLive: Bool { !syncs.isEmpty || (sinceContact ?? .max) < periods.grace }

    var isReachable: Bool {
        !syncs.isEmpty || (sinceContact ?? .max) < periods.reachable
            || pusher && (sinceContact ?? sinceOldContact ?? .max) < periods.pusher
    }

    /// The claim that counts now.
    var claim: SyncClaim? {
        let claims =
            Array(syncs.values) + (syncs.isEmpty ? [endedClaim].compactMap(\.self) : saidOnline ? [.explicit(.online)] : [])
        for claim in [SyncClaim.explicit(.busy), .explicit(.online), .impliedOnline, .explicit(.unavailable)]
        where claims.contains(claim) { return claim }
        return nil
    }

    var isInUse: Bool {
        claim == .explicit(.online) || claim == .impliedOnline && (sinceActivity ?? .max) < periods.idle
    }

    mutating func contact() {
        if !isLive { sinceActivity = 0 }
        sinceContact = 0
    }

    mutating func secondPassed() {
        sinceActivity = sinceActivity.map { $0 + 1 }
        sinceOldContact = sinceOldContact.map { $0 + 1 }
        sinceContact = syncs.isEmpty ? sinceContact.map { $0 + 1 } : 0
        let believedFor = endedClaim == .explicit(.busy) ? periods.busyGrace : periods.grace
        if syncs.isEmpty, (sinceContact ?? .max) >= believedFor { endedClaim = nil }
    }
}

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
        var pusher = false
        /// Whether its newest sync was silent.
        var isSilent = false
        /// Whether it was there before the start, and has not come back.
        var mayReturn = false
        /// Since the start, of a device that was in contact shortly before it.
        var sinceStart: Int?
    }

    struct Choice: Equatable {
        var presence: Presence
        var expires: Int64?
        /// Of a device's busy: it went to the background since.
        var inBackground = false
        /// Of a device's offline: it was silent then.
        var untilItSyncs = false
    }

    struct Call {
        var device: String?
        var written: Int64
        var sinceWritten: Int
    }

    struct User {
        var devices: [String: Device] = [:]
        /// What a person chose.
        var own: Choice?
        /// What programs chose, by device.
        var byDevice: [String: Choice] = [:]
        /// The device that went to the background.
        var away: String?
        var call: Call?
        var heldFall = false
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
            users[name]!.call?.sinceWritten += 1
        }
        look()
    }

    /// Looks whether anything is over.
    mutating func look() {
        for name in users.keys { update(name, byHand: expire(name)) }
    }

    /// Takes away what is over; returns whether it was a choice.
    private mutating func expire(_ name: String) -> Bool {
        let isOver = { [wall] (choice: Choice) in (choice.expires ?? .max) <= wall }
        let ofDevices = users[name]!.byDevice.filter { isOver($0.value) }.map(\.key)
        let own = users[name]!.own.map(isOver) ?? false
        if own { users[name]!.own = nil }
        for device in ofDevices { users[name]!.byDevice[device] = nil }
        if users[name]!.call != nil, !isOnCall(name) { users[name]!.call = nil }
        return own || !ofDevices.isEmpty
    }

    // MARK: Facts

    mutating func syncStarted(_ name: String, _ id: String, number: Int, claim: SyncClaim) {
        if claim == .silent {
            users[name]!.devices[id, default: Device()].isSilent = true
            return
        }
        var byHand = expire(name)
        var device = users[name]!.devices[id] ?? Device()
        if claim == .explicit(.online), !device.saysOnline { users[name]!.away = nil }
        if claim != .impliedOnline, users[name]!.byDevice[id]?.untilItSyncs == true {
            users[name]!.byDevice[id] = nil
            byHand = true
        }
        device.contact()
        device.syncs[number] = claim
        device.saidOnline = false
        device.isSilent = false
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
        users[name]!.away = nil
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
        let before = users[name]!
        let onlyStatus =
            put.presence == .offline
            ? before.choices.contains { $0.presence == .offline } || before.devices[id]?.isSilent == true
            : before.devices[id]?.claim == .explicit(put.presence) || effective(name) == put.presence
        if put.presence != .offline {
            var device = before.devices[id] ?? Device()
            device.contact()
            if put.presence == .online {
                device.endedClaim = .explicit(.online)
                device.saidOnline = true
                device.sinceActivity = 0
            }
            users[name]!.devices[id] = device
        }
        let day = { [wall] (seconds: Int) in wall + Int64(seconds) * 1000 }
        let end: Int64? =
            switch put.presence {
            case .busy: put.expires?.milliseconds ?? day(Self.periods.busyExpires)
            case .unavailable: put.expires?.milliseconds ?? day(Self.periods.unavailableExpires)
            default: put.expires?.milliseconds
            }
        if put.isManual || put.expires != nil && put.presence != .online {
            // A person.
            if put.presence == .online {
                byHand = byHand || before.own != nil && users[name]!.own != nil || !users[name]!.byDevice.isEmpty
                users[name]!.own = nil
                users[name]!.byDevice = [:]
                users[name]!.away = nil
            } else {
                users[name]!.own = Choice(presence: put.presence, expires: end)
                byHand = true
            }
        } else if !(put.hasStatus && onlyStatus) {
            // A program.
            switch put.presence {
            case .online:
                users[name]!.away = nil
                if let choice = users[name]!.byDevice[id] {
                    if choice.presence == .busy && choice.inBackground {
                        users[name]!.byDevice[id]!.inBackground = false
                    } else {
                        users[name]!.byDevice[id] = nil
                        byHand = true
                    }
                }
            case .unavailable:
                users[name]!.away = id
                if users[name]!.byDevice[id]?.presence == .busy { users[name]!.byDevice[id]!.inBackground = true }
            case .busy:
                users[name]!.byDevice[id] = Choice(presence: .busy, expires: end)
                byHand = true
            case .offline:
                let isSilent = before.devices[id]?.isSilent == true
                users[name]!.byDevice[id] = Choice(presence: .offline, untilItSyncs: isSilent)
                byHand = true
            }
        }
        update(name, byHand: byHand)
    }

    /// All choices are deleted, or those of one device.
    mutating func cleared(_ name: String, _ id: String? = nil) {
        var byHand = expire(name)
        if let id {
            byHand = byHand || users[name]!.byDevice[id] != nil
            users[name]!.byDevice[id] = nil
            if users[name]!.away == id { users[name]!.away = nil }
        } else {
            byHand = byHand || users[name]!.own != nil || !users[name]!.byDevice.isEmpty
            users[name]!.own = nil
            users[name]!.byDevice = [:]
            users[name]!.away = nil
        }
        update(name, byHand: byHand)
    }

    mutating func loggedOut(_ name: String, _ id: String) {
        let byHand = expire(name) || users[name]!.byDevice[id] != nil
        users[name]!.devices[id] = nil
        users[name]!.byDevice[id] = nil
        if users[name]!.away == id { users[name]!.away = nil }
        if users[name]!.call?.device == id { users[name]!.call = nil }
        update(name, byHand: byHand || !users[name]!.devices.values.contains { $0.isReachable })
    }

    mutating func calls(_ name: String, _ id: String?) {
        let byHand = expire(name)
        users[name]!.call = Call(device: id, written: wall, sinceWritten: 0)
        update(name, byHand: byHand)
    }

    mutating func hangsUp(_ name: String) {
        guard users[name]!.call != nil else { return }
        let byHand = expire(name)
        users[name]!.call = nil
        update(name, byHand: byHand)
    }

    mutating func pusher(_ name: String, _ id: String, isWorking: Bool) {
        guard isWorking || users[name]?.devices[id] != nil else { return }
        let byHand = expire(name)
        users[name]!.devices[id, default: Device()].pusher = isWorking
        update(name, byHand: byHand)
    }

    /// The server stops and starts again; `contacts` is what it kept of them, `stopped` when it knows to have been alive.
    mutating func restarted(contacts: [String: [String: Int64]], stopped: Int64) {
        let age = { [wall] (time: Int64) in Int(max(0, wall - time) / 1000) }
        recovery = Self.periods.grace
        for name in users.keys {
            let before = users[name]!
            users[name]!.devices = [:]
            users[name]!.fallWaits = nil
            users[name]!.heldFall = false
            users[name]!.sinceFalls = []
            if let call = before.call { users[name]!.call!.sinceWritten = age(call.written) }
            for (id, contact) in contacts[name] ?? [:] {
                let isRecent = (stopped - contact) <= Int64(Self.periods.reachable + 60) * 1000
                let wasThere = isRecent && (before.published ?? .offline) != .offline
                var device = Device(
                    sinceContact: wasThere ? 0 : nil, sinceActivity: wasThere ? 0 : nil,
                    sinceOldContact: wasThere ? nil : age(contact))
                device.pusher = before.devices[id]?.pusher ?? false
                device.mayReturn = wasThere
                device.sinceStart = isRecent ? 0 : nil
                users[name]!.devices[id] = device
            }
            // Who has nobody that may come back is right at once.
            let byHand = expire(name)
            update(name, byHand: byHand || !users[name]!.devices.values.contains(where: \.mayReturn))
        }
    }

    // MARK: What comes of it

    func effective(_ name: String) -> Presence {
        guard let user = users[name] else { return .offline }
        let devices = user.devices
        let standing = user.choices.filter { ($0.expires ?? .max) > wall }
        if standing.contains(where: { $0.presence == .offline }) { return .offline }
        if !devices.values.contains(where: \.isReachable) { return .offline }
        let own = user.own.flatMap { ($0.expires ?? .max) > wall ? $0.presence : nil }
        let chosen = own ?? (standing.contains { $0.presence == .busy } ? .busy : nil)
        if chosen == .busy || isOnCall(name) || devices.values.contains(where: { $0.claim == .explicit(.busy) }) { return .busy }
        if chosen == .unavailable { return .unavailable }
        if let away = user.away, !devices.contains(where: { $0.key != away && $0.value.saysOnline }) { return .unavailable }
        return devices.values.contains(where: \.isInUse) ? .online : .unavailable
    }

    private func isOnCall(_ name: String) -> Bool {
        guard let call = users[name]?.call, wall < call.written + Int64(Self.periods.busyExpires) * 1000 else { return false }
        guard let device = call.device else { return true }
        if call.sinceWritten < Self.periods.busyGrace { return true }
        guard let state = users[name]?.devices[device] else { return false }
        return !state.syncs.isEmpty || (state.sinceContact ?? state.sinceStart ?? .max) < Self.periods.busyGrace
    }

    private mutating func update(_ name: String, byHand: Bool) {
        let standing = users[name]!.published ?? .offline
        let presence = effective(name)
        // After a start others wait for a device that may still come back.
        let isHeld = recovery > 0 && users[name]!.devices.values.contains(where: \.mayReturn)
        if presence == standing {
            users[name]!.fallWaits = nil
        } else if presence > standing || byHand {
            publish(presence, of: name)
        } else if let waits = users[name]!.fallWaits, isHeld || !users[name]!.heldFall || recovery == 0 {
            if waits <= 0 { publish(presence, of: name) }
        } else {
            let lately = users[name]!.sinceFalls.count { $0 < Self.periods.window }
            let settle = (0..<lately).reduce(Self.periods.settle) { settle, _ in min(settle * 2, Self.periods.longestSettle) }
            users[name]!.fallWaits = isHeld ? max(settle, recovery) : settle
        }
        users[name]!.heldFall = isHeld && users[name]!.fallWaits != nil
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

extension NaiveModel.User {
    var choices: [NaiveModel.Choice] { Array(byDevice.values) + [own].compactMap(\.self) }
}

extension NaiveModel.Device {
    /// Whether it says explicitly that it is online, be it under a stronger claim.
    var saysOnline: Bool { syncs.values.contains(.explicit(.online)) || claim == .explicit(.online) }

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
        mayReturn = false
    }

    mutating func secondPassed() {
        sinceActivity = sinceActivity.map { $0 + 1 }
        sinceOldContact = sinceOldContact.map { $0 + 1 }
        sinceStart = sinceStart.map { $0 + 1 }
        sinceContact = syncs.isEmpty ? sinceContact.map { $0 + 1 } : 0
        let believedFor = endedClaim == .explicit(.busy) ? periods.busyGrace : periods.grace
        if syncs.isEmpty, (sinceContact ?? .max) >= believedFor { endedClaim = nil }
    }
}

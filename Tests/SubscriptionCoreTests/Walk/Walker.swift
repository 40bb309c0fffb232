import MatrixModel
import SubscriptionCore

/// Walks through a server's life at random: what happens is told to an engine that lives on, to one that is started anew now and
/// then, and to the naive model; after each commit all three are asked the same.
struct Walker {
    static let users = ["alice", "bob", "carol", "dave", "eve"].map(Names.user)
    static let devices = users.flatMap { user in ["PHONE", "LAPTOP"].map { Names.device($0, of: user) } }
    static let rooms = ["den", "hall", "loft"].map(Names.room)

    private(set) var difference = ""
    /// How often the walk saw each kind of thing, so that one in which little happens is found out.
    private(set) var seen: [String: Int] = [:]

    private var random: SeededGenerator
    private var now: Int64 = 0
    private var model = NaiveModel()
    private var facts = StoredFacts()
    private var engines: [(engine: SubscriptionEngine, start: Int64)] = [(SubscriptionEngine(), 0)]
    private var waiters: [WaiterID: (device: DeviceKey, since: Int64)] = [:]
    private var lastWaiter: UInt64 = 0
    private var writer = CommitWriter(after: .zero)
    private var told = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        for user in Self.users { writer.profileRoom(of: user) }
        for (room, user) in zip(Self.rooms, Self.users) { writer.room(room, by: user) }
        commit()
    }

    var agrees: Bool { difference.isEmpty }

    // MARK: A step

    mutating func step() {
        if one(in: 30) { restart() }
        if one(in: 2) { wait(any(Self.devices)) }
        if one(in: 30), let waiter = waiters.keys.min(by: { $0.rawValue < $1.rawValue }) { stopWaiting(waiter) }
        endExpired()
        for _ in 0...Int.random(in: 0...2, using: &random) {
            let before = writer.changes.count
            happen()
            tellModel()
            followAudience(of: Array(writer.changes[before...]))
        }
        commit()
        comparePlans()
    }

    private mutating func any<Element>(_ elements: [Element]) -> Element { elements.randomElement(using: &random)! }
    private mutating func one(in count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }

    /// Before anybody is answered, a start looks at all peeks that had not followed their audience.
    private mutating func restart() {
        settlePeeks { _ in true }
        commit()
        engines = [engines[0], (facts.engine(), model.position)]
        for (waiter, held) in waiters { engines[1].engine.wait(waiter, for: held.device) }
        seen["restart", default: 0] += 1
    }

    private mutating func wait(_ device: DeviceKey) {
        lastWaiter += 1
        waiters[WaiterID(lastWaiter)] = (device, model.position)
        for index in engines.indices { engines[index].engine.wait(WaiterID(lastWaiter), for: device) }
    }

    private mutating func stopWaiting(_ waiter: WaiterID) {
        waiters[waiter] = nil
        for index in engines.indices { engines[index].engine.stopWaiting(waiter) }
    }

    private mutating func tellModel() {
        for change in writer.changes[told...] { model.note(change) }
        told = writer.changes.count
    }

    /// Ends the peeks that all hold for expired, first of all in this commit.
    private mutating func endExpired() {
        now += Int64.random(in: 0...3, using: &random)
        let time = Names.time(now)
        for index in engines.indices {
            let peeks = engines[index].engine.takeExpiredPeeks(by: time)
            let theirs = Self.devices.flatMap { device in model.expired(device, by: time).map { "\(device) \($0)" } }
            let ours = peeks.map { "\($0.device) \($0.room)" }
            if ours.sorted() != theirs.sorted() { difference += "engine \(index) holds \(ours) for expired, not \(theirs); " }
        }
        for device in Self.devices {
            for room in model.expired(device, by: time) {
                writer.endPeek(device, room, .expired)
                seen["expired", default: 0] += 1
            }
        }
        tellModel()
    }

    private mutating func commit() {
        tellModel()
        let commit = writer.commit
        model.committed(commit)
        facts.take(commit)
        for index in engines.indices {
            let woken = engines[index].engine.apply(commit)
            compareWoken(woken, start: engines[index].start, name: index == 0 ? "lived" : "restored")
        }
        // Whoever has something to read is answered.
        for (waiter, held) in waiters where !model.plan(for: held.device, since: held.since, start: 0).isEmpty {
            stopWaiting(waiter)
            seen["answered", default: 0] += 1
        }
        writer = CommitWriter(after: commit.position)
        told = 0
    }

    // MARK: Comparing

    private mutating func compareWoken(_ woken: Set<WaiterID>, start: Int64, name: String) {
        for (waiter, held) in waiters {
            let plan = model.plan(for: held.device, since: held.since, start: start)
            if !plan.isEmpty, !woken.contains(waiter) {
                difference += "\(name): \(held.device) sleeps since \(held.since) over \(plan); "
            }
        }
        for waiter in woken where waiters[waiter] == nil { difference += "\(name): wakes \(waiter), who does not wait; " }
    }

    private mutating func comparePlans() {
        let device = any(Self.devices)
        let since: Int64? =
            switch Int.random(in: 0..<12, using: &random) {
            case 0: nil
            case 1: model.position
            case 2..<7: Int64.random(in: max(0, model.position - 40)...model.position, using: &random)
            default: Int64.random(in: 0...model.position, using: &random)
            }
        for (engine, start) in engines {
            let name = start == 0 ? "lived" : "restored at \(start)"
            let plan = engine.plan(for: device, since: since.map { StreamPosition($0) }, legacyPresence: true)
            let mine = ShownPlan(plan, withDevices: true)
            let theirs = model.plan(for: device, since: since, start: start)
            if mine != theirs {
                let shown = mine.map { "\($0)" } ?? "a plan that names something twice"
                difference += "\(name): \(device) since \(since as Any) is told \(shown), not \(theirs); "
            }
            if plan.isEmpty != theirs.isEmpty || plan.position.rawValue != model.position {
                difference += "\(name): the plan ends at \(plan.position), empty: \(plan.isEmpty); "
            }
            let again = ShownPlan(
                engine.plan(for: device, since: since.map { StreamPosition($0) }, legacyPresence: true), withDevices: true)
            if mine != again { difference += "\(name): \(device) asks again and is told \(again as Any); " }
            if since == model.position, !theirs.isEmpty { difference += "there is news at the present: \(theirs); " }
            count(theirs, hasLived: start == 0)
        }
    }

    private mutating func count(_ plan: ShownPlan, hasLived: Bool) {
        for room in Array(plan.joined.values) + Array(plan.peeked.values) {
            switch room.content {
            case .whole: seen["whole", default: 0] += 1
            case .events: seen["events", default: 0] += 1
            case .stored: seen[hasLived ? "outgrown" : "stored", default: 0] += 1
            }
            if !room.lane.isEmpty { seen["lane", default: 0] += 1 }
        }
        if !plan.left.isEmpty { seen["departure", default: 0] += 1 }
        if !plan.invited.isEmpty { seen["invited", default: 0] += 1 }
        if !plan.endedPeeks.isEmpty { seen["ended", default: 0] += 1 }
        if !plan.lostPresence.isEmpty { seen["lost presence", default: 0] += 1 }
        if !plan.presence.isEmpty { seen["presence", default: 0] += 1 }
        if plan.hasAccountData { seen["account data", default: 0] += 1 }
        if plan.hasToDevice { seen["messages to a device", default: 0] += 1 }
        if plan.hasNewKeyCounts { seen["key counts", default: 0] += 1 }
        if !plan.changedDeviceLists.isEmpty { seen["changed keys", default: 0] += 1 }
        if !plan.leftDeviceLists.isEmpty { seen["left keys", default: 0] += 1 }
        if plan.joined.values.contains(where: \.hasReceipts) { seen["receipts", default: 0] += 1 }
        if plan.isEmpty { seen["nothing", default: 0] += 1 }
    }

    // MARK: What happens

    private mutating func happen() {
        if one(in: 5) { return happenToDevice() }
        let room = any(Self.rooms)
        let user = any(Self.users)
        let device = any(Self.devices)
        let standing = model.standing(user, in: room)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<24: if standing == .joined { writer.message(by: user, in: room) }
        case 24..<26: if standing == .joined { writer.event(.topic, key: "", by: user, in: room, ["topic": "x"]) }
        case 26..<30: writer.profile(of: user)
        // The last one comes by peeking alone and goes more often than the others.
        case 30..<37: if user != Self.users.last { join(user, in: room) }
        case 37..<40:
            // Out of a peek.
            let peeked = model.livePeeks(of: device).filter(Self.rooms.contains)
            if let room = peeked.randomElement(using: &random) { join(device.user, in: room) }
        case 40..<43: if standing == .joined { writer.member(.join, user, in: room) }
        case 43..<48: if standing != .joined { writer.member(.invite, user, in: room, by: any(Self.users)) }
        case 48..<55: if user == Self.users.last || one(in: 3) { leave(user, room: room) }
        case 55..<58: if standing == .out { writer.tell(.roomForgotten(room, by: user)) }
        case 58..<60: changeVisibility(of: room, by: user)
        // Two talk much and the others little, so that a log of moves outgrows what the quiet ones said.
        case 60..<72: writer.presence("online", of: one(in: 20) ? user : any(Array(Self.users.prefix(2))))
        case 72..<76: if one(in: 4) { writer.status("out", of: user) }
        case 76: writer.accountData(of: user)
        case 77: changePolicy(of: user)
        case 78..<90: peek(device, into: one(in: 2) ? room : Names.profile(user))
        case 90..<95:
            if let peeked = model.livePeeks(of: device).randomElement(using: &random) { writer.endPeek(device, peeked) }
        case 95: if one(in: 3) { delete(device) }
        default: redact(in: room)
        }
    }

    /// What concerns devices and their keys, and receipts.
    private mutating func happenToDevice() {
        let (room, device) = (any(Self.rooms), any(Self.devices))
        switch Int.random(in: 0..<9, using: &random) {
        case 8: writer.tell(.keysSigned(of: [any(Self.users)], by: device.user, at: writer.nextPosition()))
        case 0: writer.sendToDevices([device, any(Self.devices.filter { $0 != device })])
        case 1: writer.tell(.deletedToDevice(device, upTo: StreamPosition(Int64.random(in: 0...model.position, using: &random))))
        case 2: writer.changeKeys(of: device.user)
        case 3: writer.takeKey(of: device, leaving: .none)
        case 4: writer.tell(.keyCounts(device, KeyCounts(oneTimeKeys: ["a": 1], unusedFallbackTypes: []), at: nil))
        default:
            guard model.standing(device.user, in: room) == .joined else { return }
            guard let event = model.messages(in: room).randomElement(using: &random) else { return }
            writer.receipt(of: device.user, in: room, isPrivate: one(in: 3), upTo: event.position)
        }
    }

    private mutating func join(_ user: UserID, in room: RoomID) {
        guard model.standing(user, in: room) != .joined else { return }
        let peeking = Self.devices.filter { $0.user == user && model.isPeeking($0, room) }
        if !peeking.isEmpty { seen["join while peeking", default: 0] += 1 }
        writer.join(user, endingPeeksOf: peeking, in: room)
    }

    /// Members leave or are banned, invitations end. A ban is no more than a departure here: who is out stays as they are.
    private mutating func leave(_ user: UserID, room: RoomID) {
        switch model.standing(user, in: room) {
        case .joined, .invited: writer.member(one(in: 4) ? .ban : .leave, user, in: room, by: one(in: 2) ? user : any(Self.users))
        case nil: if one(in: 3) { writer.member(.ban, user, in: room, by: any(Self.users)) }
        case .out, .forgotten: break
        }
    }

    private mutating func changeVisibility(of room: RoomID, by user: UserID) {
        let setting = any(["world_readable", "world_readable", "shared", "joined"])
        writer.visibility(setting, in: room, by: user)
        if setting == "world_readable" { return }
        if one(in: 2) {
            writer.tell(.peeksEnded(in: room, at: writer.nextPosition(), reason: .notAllowed))
            seen["all ended", default: 0] += 1
        } else {
            for device in Self.devices where model.isPeeking(device, room) { writer.endPeek(device, room, .notAllowed) }
        }
    }

    private mutating func peek(_ device: DeviceKey, into room: RoomID) {
        let expires = now + Int64.random(in: 5...200, using: &random)
        if model.isPeeking(device, room) {
            writer.tell(.peekRenewed(device, room, expires: Names.time(expires)))
        } else if model.isWorldReadable(room), model.standing(device.user, in: room) != .joined {
            writer.peek(
                device, room, expires: expires, lane: model.owner(of: room).map { model.canSee(device.user, $0) } ?? false)
        }
    }

    private mutating func changePolicy(of user: UserID) {
        let other = any(Self.users)
        let policy = any([WalkPolicy.unset, .unset, .nobody, .everyone, .allow(other), .deny(other)])
        writer.sharing(of: user, policy.content)
        for change in writer.changes[told...] { model.note(change, policy: policy) }
        told = writer.changes.count
    }

    /// Follows what changed an audience, as the services do: all at once, or some of it later while the lanes are withheld.
    private mutating func followAudience(of changes: [StreamChange]) {
        let scopes = changes.flatMap(scopes)
        if scopes.isEmpty {
            if one(in: 6) { settlePeeks { $0.one(in: 2) } }
        } else if one(in: 2) {
            settlePeeks { $0.one(in: 4) }
            for scope in scopes { writer.tell(.audienceChanged(scope)) }
            seen["withheld", default: 0] += model.unsettledPeeks().count { $0.settlement == .end }
            tellModel()
        } else {
            settlePeeks { _ in true }
        }
    }

    /// The peeks whose audience a change may concern.
    private func scopes(of change: StreamChange) -> [AudienceScope] {
        switch change {
        case .sharingChanged(let user, _, _): [.intoProfile(Names.profile(user))]
        case .timeline(let event) where event.membership != nil && model.owner(of: event.roomID) == nil:
            (event.stateKey.flatMap { UserID($0) }).map { user in
                [.ofMember(user, event.roomID), .intoProfile(Names.profile(user)), .betweenMembers(event.roomID)]
            } ?? []
        default: []
        }
    }

    /// Ends peeks of those who fell out of an audience and shows the lane to those who came in, or to whom it is to be shown again.
    private mutating func settlePeeks(_ isNext: (inout Self) -> Bool) {
        for peek in model.unsettledPeeks() where isNext(&self) {
            switch peek.settlement {
            case .end:
                writer.endPeek(peek.device, peek.room, .notAllowed)
                seen["revoked", default: 0] += 1
            case .grant:
                writer.grantLane(peek.device, peek.room)
                seen["granted", default: 0] += 1
            case .keep:
                writer.tell(.laneKept(peek.device, peek.room, at: writer.nextPosition()))
                seen["kept", default: 0] += 1
            }
        }
        tellModel()
    }

    private mutating func delete(_ device: DeviceKey) {
        for (waiter, held) in waiters where held.device == device { stopWaiting(waiter) }
        writer.tell(.deviceDeleted(device))
    }

    private mutating func redact(in room: RoomID) {
        guard let event = model.messages(in: room).randomElement(using: &random) else { return }
        writer.tell(.redacted(makeEvent(.message, sender: event.sender, room: room, at: event.position)))
    }
}

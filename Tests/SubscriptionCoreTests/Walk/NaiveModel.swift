import MatrixModel
import SubscriptionCore

/// A policy that a walk sets.
enum WalkPolicy {
    case unset, nobody, everyone
    case allow(UserID)
    case deny(UserID)

    var content: JSONObject {
        switch self {
        case .unset: [:]
        case .nobody: ["share_locally": false]
        case .everyone: ["io.hearth.default": "everyone"]
        case .allow(let user): ["users": .object([user.rawValue: "allow"])]
        case .deny(let user): ["users": .object([user.rawValue: "deny"]), "io.hearth.default": "shared_rooms"]
        }
    }
}

/// The whole history of a server, never cut, from which every plan is worked out anew: slow, and short enough to be believed.
struct NaiveModel {
    /// How much of one room an engine keeps in mind; beyond that it names the store.
    static let longestTail = 64

    private(set) var position: Int64 = 0
    private var events: [RoomID: [PersistedEvent]] = [:]
    private var lanes: [UserID: [PersistedEvent]] = [:]
    private var stories: [UserID: [RoomID: [Chapter]]] = [:]
    private var peeks: [DeviceKey: [PeekLine]] = [:]
    private var accountData: [UserID: [Int64]] = [:]
    private var owners: [RoomID: UserID] = [:]
    private var policies: [UserID: WalkPolicy] = [:]
    /// When a pair of users ceased or began to see each other without a join.
    private var turns: [Turn] = []
    private var receipts: [RoomID: [(user: UserID, isPrivate: Bool, readUpTo: StreamPosition, position: Int64)]] = [:]
    private var mailboxes: [DeviceKey: [Int64]] = [:]
    private var keyChanges: [(user: UserID, position: Int64)] = []
    private var signatures: [(users: [UserID], signer: UserID, position: Int64)] = []
    private var takenKeys: [DeviceKey: [Int64]] = [:]
    private var redacted: Set<StreamPosition> = []

    enum Standing { case joined, invited, out, forgotten }

    /// A time of one standing of a user in a room, from a position on.
    struct Chapter {
        let standing: Standing
        let from: Int64
    }

    private struct Turn {
        let viewer: UserID
        let owner: UserID
        let position: Int64
        let isGain: Bool
    }

    private struct PeekLine {
        let room: RoomID
        let started: Int64
        /// Where the peek began to show the lane, as the store has it.
        var laneSince: Int64?
        /// Whether memory keeps the lane back until the peek ends, or shows the lane again.
        var isWithheld = false
        var shownAgainAt: Int64?
        var expires: MatrixTimestamp
        var ended: Int64?
        var reason: PeekEnd?

        /// Where an engine that was started at `start` has the lane begin.
        func laneSince(start: Int64) -> Int64? {
            if isWithheld { return nil }
            if let shownAgainAt, shownAgainAt > start { return shownAgainAt }
            return laneSince
        }
    }

    // MARK: The history

    mutating func committed(_ commit: StreamCommit) { position = commit.position.rawValue }

    /// Notes a change, and whose presence nobody or somebody else sees by it.
    mutating func note(_ change: StreamChange, policy: WalkPolicy? = nil) {
        let before = seenPairs()
        take(change, policy: policy)
        let after = seenPairs()
        switch change {
        case .timeline(let event) where event.membership != .join: turn(from: before, to: after, at: event.position.rawValue)
        case .sharingChanged(_, _, let position): turn(from: before, to: after, at: position.rawValue)
        default: break
        }
    }

    private mutating func turn(from before: Set<[UserID]>, to after: Set<[UserID]>, at position: Int64) {
        for pair in before.symmetricDifference(after) {
            turns.append(Turn(viewer: pair[0], owner: pair[1], position: position, isGain: after.contains(pair)))
        }
    }

    /// Who sees whom through a shared room: viewer, then owner. Owners without presence are left out.
    private func seenPairs() -> Set<[UserID]> {
        let owners = lanes.keys
        return Set(
            stories.keys.flatMap { viewer in
                owners.filter { $0 != viewer && shareRoom(viewer, $0) && canSee(viewer, $0) }.map { [viewer, $0] }
            })
    }

    private func shareRoom(_ one: UserID, _ other: UserID) -> Bool {
        events.keys.contains { standing(one, in: $0) == .joined && standing(other, in: $0) == .joined }
    }

    func canSee(_ viewer: UserID, _ owner: UserID) -> Bool {
        if viewer == owner { return true }
        return switch policies[owner] ?? .unset {
        case .unset: shareRoom(viewer, owner)
        case .nobody: false
        case .everyone: true
        case .allow(let user): viewer == user
        case .deny(let user): viewer != user && shareRoom(viewer, owner)
        }
    }

    private mutating func take(_ change: StreamChange, policy: WalkPolicy?) {
        switch change {
        case .timeline(let event):
            events[event.roomID, default: []].append(event)
            guard owners[event.roomID] == nil, let membership = event.membership, let key = event.stateKey else { return }
            guard let user = UserID(key) else { return }
            let standing: Standing =
                switch membership {
                case .join: .joined
                case .invite: .invited
                case .leave, .ban, .knock: .out
                }
            turn(standing, of: user, in: event.roomID, at: event.position.rawValue)
        case .laneEvent(let event, let owner): lanes[owner, default: []].append(event)
        case .redacted(let event):
            events[event.roomID] = events[event.roomID]?.map { $0.position == event.position ? event : $0 }
            redacted.insert(event.position)
        case .accountData(let user, let position): accountData[user, default: []].append(position.rawValue)
        case .sharingChanged(let user, _, _): policies[user] = policy
        case .laneGranted(let device, let room, let position): edit(device, room) { $0.laneSince = position.rawValue }
        case .peekStarted(let peek):
            peeks[peek.device, default: []].append(
                PeekLine(
                    room: peek.room, started: peek.started.rawValue, laneSince: peek.laneSince?.rawValue, expires: peek.expires)
            )
        case .peekRenewed(let device, let room, let expires):
            edit(device, room) { $0.expires = expires }
        case .peekEnded(let device, let room, let position, let reason):
            edit(device, room) { ($0.ended, $0.reason) = (position.rawValue, reason) }
        case .peeksEnded(let room, let position, let reason):
            for device in peeks.keys { edit(device, room) { ($0.ended, $0.reason) = (position.rawValue, reason) } }
        case .laneKept(let device, let room, let position):
            edit(device, room) { line in
                if line.isWithheld { (line.isWithheld, line.shownAgainAt) = (false, position.rawValue) }
            }
        // Whatever the scope: a peek shows a lane only if its device's user may see it now.
        case .audienceChanged:
            for peek in unsettledPeeks() where peek.settlement == .end { edit(peek.device, peek.room) { $0.isWithheld = true } }
        case .roomCreated(let room, let owner):
            events[room] = []
            owners[room] = owner
        case .profileRoomClosed(let room, _): owners[room] = nil
        case .roomForgotten(let room, let user): turn(.forgotten, of: user, in: room, at: position)
        case .deviceDeleted(let device):
            peeks[device] = nil
            mailboxes[device] = nil
            takenKeys[device] = nil
        case .receipt(let room, let user, let isPrivate, let readUpTo, let position):
            receipts[room, default: []].append((user, isPrivate, readUpTo, position.rawValue))
        case .sentToDevices(let devices, let position):
            for device in devices { mailboxes[device, default: []].append(position.rawValue) }
        case .deletedToDevice(let device, let position): mailboxes[device]?.removeAll { $0 <= position.rawValue }
        case .keysChanged(let user, let position): keyChanges.append((user, position.rawValue))
        case .keysSigned(let users, let signer, let position): signatures.append((users, signer, position.rawValue))
        case .keyCounts(let device, _, let position):
            if let position { takenKeys[device, default: []].append(position.rawValue) }
        // Whoever ignores others is walked through over sockets, with counts and typing.
        case .notices, .ignoringChanged, .programField, .state: break
        }
    }

    private mutating func turn(_ standing: Standing, of user: UserID, in room: RoomID, at position: Int64) {
        if stories[user]?[room]?.last?.standing == standing { return }
        stories[user, default: [:]][room, default: []].append(Chapter(standing: standing, from: position))
    }

    private mutating func edit(_ device: DeviceKey, _ room: RoomID, _ body: (inout PeekLine) -> Void) {
        guard var lines = peeks[device], let index = lines.firstIndex(where: { $0.room == room && $0.ended == nil }) else {
            return
        }
        body(&lines[index])
        peeks[device] = lines
    }

    // MARK: What a walk asks to find its way

    func standing(_ user: UserID, in room: RoomID) -> Standing? { stories[user]?[room]?.last?.standing }
    func isWorldReadable(_ room: RoomID) -> Bool {
        events[room]?.last { $0.stateIdentity == .historyVisibility }?.content["history_visibility"] == "world_readable"
    }
    func isPeeking(_ device: DeviceKey, _ room: RoomID) -> Bool { live(device).contains { $0.room == room } }
    func livePeeks(of device: DeviceKey) -> [RoomID] { live(device).map(\.room) }
    /// What a peek is to become after its audience has changed.
    enum Settlement { case end, grant, keep }
    struct UnsettledPeek {
        let device: DeviceKey
        let room: RoomID
        let settlement: Settlement
    }
    /// The live peeks into profile rooms that the store has show the lane to who may not see it, or hide it from who may; and those from
    /// which it is withheld though their users may see it again.
    func unsettledPeeks() -> [UnsettledPeek] {
        peeks.keys.sorted { "\($0)" < "\($1)" }.flatMap { device in
            live(device).compactMap { line in
                guard let owner = owners[line.room] else { return nil }
                let settlement: Settlement
                switch (canSee(device.user, owner), line.laneSince != nil) {
                case (false, true): settlement = .end
                case (true, false): settlement = .grant
                case (true, true) where line.isWithheld: settlement = .keep
                default: return nil
                }
                return UnsettledPeek(device: device, room: line.room, settlement: settlement)
            }
        }
    }
    func owner(of room: RoomID) -> UserID? { owners[room] }
    func messages(in room: RoomID) -> [PersistedEvent] { (events[room] ?? []).filter { $0.type == .message } }
    func expired(_ device: DeviceKey, by now: MatrixTimestamp) -> [RoomID] {
        live(device).filter { $0.expires <= now }.map(\.room)
    }

    private func live(_ device: DeviceKey) -> [PeekLine] { (peeks[device] ?? []).filter { $0.ended == nil } }

    // MARK: Plans

    /// What is new for a device, with legacy presence, as an engine that was started at `start` has to put it.
    func plan(for device: DeviceKey, since: Int64?, start: Int64) -> ShownPlan {
        var plan = ShownPlan()
        for (room, story) in stories[device.user] ?? [:] {
            guard let now = story.last else { continue }
            let isNews = since.map { now.from > $0 } ?? true
            switch now.standing {
            case .joined:
                plan.joined[room] = joined(room, joinedAt: now.from, device: device, since: since, start: start)
            case .invited where isNews: plan.invited.insert(room)
            case .out where isNews:
                plan.left[room] = ShownDeparture(end: now.from)
            default: break
            }
        }
        for line in live(device) {
            // What is peeked into stands there alone.
            (plan.left[line.room], _) = (nil, plan.invited.remove(line.room))
            plan.peeked[line.room] = peeked(line, since: since, start: start)
        }
        for line in peeks[device] ?? [] {
            guard let since, let ended = line.ended, line.started <= since, since < ended else { continue }
            if isPeeking(device, line.room) || plan.left[line.room] != nil { continue }
            switch standing(device.user, in: line.room) {
            case .joined: break
            case .invited: plan.invited.insert(line.room)
            case .out, .forgotten, nil: plan.endedPeeks.insert(line.room)
            }
        }
        plan.presence = presence(for: device.user, since: since).filter { canSee(device.user, $0) }
        for turn in turns where turn.viewer == device.user && turn.position > max(since ?? .max, start) {
            let isSeen = shareRoom(turn.viewer, turn.owner) && canSee(turn.viewer, turn.owner)
            if isSeen, turn.isGain { plan.presence.insert(turn.owner) }
            if !isSeen, !turn.isGain { plan.lostPresence.insert(turn.owner) }
        }
        plan.hasAccountData = (accountData[device.user] ?? []).contains { $0 > since ?? 0 }
        plan.hasToDevice = (mailboxes[device] ?? []).contains { $0 > since ?? 0 }
        guard let since else { return plan }
        // Where a key was taken before a start is forgotten: every answer tells the counts.
        plan.hasNewKeyCounts = (takenKeys[device] ?? []).contains { $0 > max(since, start) }
        plan.changedDeviceLists = changedDeviceLists(for: device.user, since: since)
        plan.leftDeviceLists = leftDeviceLists(for: device.user, since: since, start: start)
        return plan
    }

    /// Whose keys changed among those who share a room, and who came to share one.
    private func changedDeviceLists(for user: UserID, since: Int64) -> Set<UserID> {
        var changed = Set(keyChanges.filter { $0.position > since }.map(\.user)).filter { $0 == user || shareRoom(user, $0) }
        for signature in signatures where signature.signer == user && signature.position > since {
            changed.formUnion(signature.users)
        }
        for (room, story) in stories[user] ?? [:] {
            guard let mine = story.last, mine.standing == .joined else { continue }
            for (member, stories) in stories {
                guard let theirs = stories[room]?.last, theirs.standing == .joined else { continue }
                if max(mine.from, theirs.from) > since { changed.insert(member) }
            }
        }
        return changed
    }

    /// Who shares no room any more, by a departure of either. Departures of others are forgotten at a start.
    private func leftDeviceLists(for user: UserID, since: Int64, start: Int64) -> Set<UserID> {
        var left: Set<UserID> = []
        for (room, story) in stories[user] ?? [:] {
            guard let mine = story.last else { continue }
            for (member, stories) in stories {
                guard let theirs = stories[room] else { continue }
                let hasGone = zip(theirs, theirs.dropFirst()).contains {
                    $0.standing == .joined && $1.standing != .joined && $1.from > max(since, start)
                }
                let isThere = theirs.last?.standing == .joined
                if mine.standing == .joined, mine.from <= since, hasGone { left.insert(member) }
                let haveLeft = mine.standing == .out && mine.from > since && story.dropLast().last?.standing == .joined
                if haveLeft, isThere { left.insert(member) }
            }
        }
        return left.filter { $0 != user && !shareRoom(user, $0) }
    }

    private func joined(_ room: RoomID, joinedAt: Int64, device: DeviceKey, since: Int64?, start: Int64) -> ShownRoom? {
        let unread = unread(by: device.user, in: room)
        let hasReceipts = (receipts[room] ?? []).contains {
            $0.position > since ?? 0 && (!$0.isPrivate || $0.user == device.user)
        }
        var shown: ShownRoom?
        // The device saw the room since then, as its user's or through a peek that became this membership.
        let hasSeen = since.map { since in
            joinedAt <= since
                || (peeks[device] ?? []).contains {
                    $0.room == room && $0.started <= since && $0.reason == .joined && $0.ended ?? 0 > joinedAt
                }
        }
        if let since, hasSeen == true {
            shown = news(in: room, since: since, start: start).map { ShownRoom($0, unread: unread) }
            if shown == nil, hasReceipts { shown = ShownRoom(.events([]), unread: unread) }
        } else {
            shown = ShownRoom(.whole, unread: unread)
        }
        shown?.hasReceipts = hasReceipts
        return shown
    }

    private func peeked(_ line: PeekLine, since: Int64?, start: Int64) -> ShownRoom? {
        let laneSince = line.laneSince(start: start)
        let lane = (laneSince == nil ? nil : owners[line.room]).map { owner in
            [EventType.presence, .status].compactMap { type in lanes[owner]?.last { $0.type == type } }
        }
        let standing = (lane ?? []).map { ShownEvent($0) }.sorted { $0.position < $1.position }
        guard let since, line.started <= since else { return ShownRoom(.whole, lane: standing) }
        let news = news(in: line.room, since: since, start: start)
        let isLaneNew = (laneSince ?? 0) > since && !standing.isEmpty
        let newLane = standing.filter { isLaneNew || $0.position > since }
        if news == nil, newLane.isEmpty { return nil }
        return ShownRoom(news ?? .events([]), lane: newLane, isLaneNew: isLaneNew)
    }

    /// The events since a position; nil when there are none.
    private func news(in room: RoomID, since: Int64, start: Int64) -> ShownRoom.Content? {
        let events = (events[room] ?? []).filter { $0.position.rawValue > since }
        if events.isEmpty { return nil }
        return since >= start && events.count <= Self.longestTail ? .events(events.map(ShownEvent.init)) : .stored
    }

    private func unread(by user: UserID, in room: RoomID) -> Int {
        let events = events[room] ?? []
        let own = events.last { $0.sender == user }?.position ?? .zero
        let receipt = (receipts[room] ?? []).filter { $0.user == user }.map(\.readUpTo).max() ?? .zero
        let read = max(own, receipt)
        let messages = events.filter { $0.type == .message && !redacted.contains($0.position) }
        return messages.suffix(100).count { $0.position > read && $0.sender != user }
    }

    private func presence(for user: UserID, since: Int64?) -> Set<UserID> {
        func isNews(_ position: Int64) -> Bool { since.map { position > $0 } ?? true }
        var news: Set<UserID> = []
        if let own = lanes[user]?.last, isNews(own.position.rawValue) { news.insert(user) }
        for (room, story) in stories[user] ?? [:] {
            guard let mine = story.last, mine.standing == .joined else { continue }
            for (member, stories) in stories {
                guard let theirs = stories[room]?.last, theirs.standing == .joined, let lane = lanes[member]?.last else {
                    continue
                }
                if isNews(mine.from) || isNews(theirs.from) || isNews(lane.position.rawValue) { news.insert(member) }
            }
        }
        return news
    }
}

import HearthStore
import MatrixModel
import PushCore
import SubscriptionCore

/// Makes the rooms and account data of a sync's answer from its plan; reads from the store only what memory does not hold.
///
/// A class, since every step of an answer takes it along: copies of a plan and a request would cost more than the answer.
final class SyncAssembly: Sendable {
    static let defaultLimit = 10
    static let highestLimit = 500

    let plan: SyncPlan
    let request: SyncRequest
    /// What the client continues from; nil for an initial sync.
    let token: SyncToken?
    let device: DeviceKey
    var since: StreamPosition? { token?.position }
    /// Up to where the device has got its messages.
    var delivered: StreamPosition { token?.delivered ?? .zero }
    /// What the next token says of the fields of profiles that are asked for; nil where none are.
    let profileDigest: UInt32?

    init(plan: SyncPlan, request: SyncRequest, since: SyncToken?, device: DeviceKey, profileDigest: UInt32?) {
        self.plan = plan
        self.profileDigest = profileDigest
        token = since
        self.device = device
        self.request = request
    }

    var filter: SyncFilter { request.filter }
    var limit: Int { min(filter.timeline.limit ?? Self.defaultLimit, Self.highestLimit) }

    /// Whether the plan names anything that is not in memory.
    var needsStore: Bool {
        if plan.hasAccountData || !plan.invited.isEmpty || !plan.left.isEmpty || filter.state.lazyLoadsMembers { return true }
        if plan.hasToDevice || !plan.endedPeeks.isEmpty || needsProfiles { return true }
        return (plan.joined + plan.peeked).contains { room in
            if room.hasReceipts { return true }
            guard case .events(let events) = room.content else { return true }
            return events.contains { $0.membership != nil || $0.type == .redaction }
        }
    }

    /// Whether a response that this plan became holds presence and status alone: a peek's first state is more than that, whatever a
    /// filter leaves of it.
    func isPresenceOnly(_ response: SyncResponse) -> Bool {
        response.isPresenceOnly && !plan.peeked.contains(where: \.isWhole)
    }

    /// - Parameter store: nil when ``needsStore`` is false.
    func response(reading store: StoreTransaction?) throws -> SyncResponse {
        var response = SyncResponse(
            nextBatch: SyncToken(plan.position, ephemeral: plan.ephemeralPosition, profiles: profileDigest),
            keyCounts: plan.keyCounts)
        response.stateSection = request.stateSection
        response.hasNewKeyCounts = plan.hasNewKeyCounts
        response.changedDeviceLists = plan.changedDeviceLists
        response.leftDeviceLists = plan.leftDeviceLists
        response.joined = try plan.joined.filter { filter.includes($0.room) }.compactMap { try joinedRoom($0, store: store) }
        response.peeked = try plan.peeked.filter { filter.includes($0.room) }.compactMap { try peekedRoom($0, store: store) }
        if let store {
            try addInvited(to: &response, store: store)
            try addLeft(to: &response, store: store)
            try addAccountDataOfNewRooms(to: &response, store: store)
            if plan.hasAccountData { try addAccountData(to: &response, store: store) }
            if plan.hasToDevice { try addToDevice(to: &response, store: store) }
        }
        addPushRules(to: &response)
        if !plan.profiles.isEmpty || !plan.roomsLeftBySomebody.isEmpty { try addProfiles(to: &response, store: store) }
        if request.startsOver { startOver(&response) }
        return response
    }

    // MARK: Invitations

    private static let shownInInvitations: [EventType] = [
        .create, .name, .avatar, .topic, .joinRules, .canonicalAlias, .encryption,
    ]

    /// How large an event is, as it is stored, that an invitation shows. Nobody has asked for it: what is larger is left out.
    private static let largestInInvitation = 8_192

    private func addInvited(to response: inout SyncResponse, store: StoreTransaction) throws {
        for room in plan.invited where filter.includes(room) {
            func shown(_ key: StateKey) throws -> StrippedEvent? {
                try store.state.event(key, in: room, upTo: Self.largestInInvitation).flatMap(StrippedEvent.init)
            }
            var state = try Self.shownInInvitations.compactMap { try shown(StateKey($0)) }
            let own = StateKey.member(device.user)
            if let inviter = try store.state.sender(of: own, in: room) {
                if try isHidden(invitationBy: inviter, to: room, store: store) { continue }
                if inviter != device.user, let member = try shown(.member(inviter)) { state.append(member) }
                // That there is an invitation is told whatever stands in it.
                state.append(
                    try shown(own) ?? StrippedEvent(key: own, sender: inviter, content: ["membership": "invite"]))
            }
            response.invited.append(InvitedRoom(room: room, state: state))
        }
    }

    // MARK: Account data

    /// Everybody has push rules, stored or not: the first answer tells them.
    private func addPushRules(to response: inout SyncResponse) {
        guard since == nil || request.fullState, filter.accountData.includes(type: .pushRules, sender: nil),
            !response.accountData.contains(where: { $0.type == .pushRules })
        else { return }
        response.accountData.append(
            AccountDataItem(type: .pushRules, content: PushRuleset.accountData(stored: nil, of: device.user)))
    }

    /// What was written before the token, of rooms that are new to the device: no answer told of it while the user was not in the room, or
    /// only invited.
    private func addAccountDataOfNewRooms(to response: inout SyncResponse, store: StoreTransaction) throws {
        guard let since, !request.fullState else { return }
        let rooms = Set((plan.joined + plan.peeked).lazy.filter(\.isWhole).map(\.room))
        if rooms.isEmpty { return }
        func earlier(in room: RoomID) throws -> [AccountDataItem] {
            guard rooms.contains(room) else { return [] }
            return try store.accountData.all(of: device.user, in: room, upTo: since)
                .filter { filter.roomAccountData.includes(type: $0.type, sender: nil) }
                .map { AccountDataItem(type: $0.type, content: $0.content) }
        }
        for index in response.joined.indices {
            response.joined[index].accountData += try earlier(in: response.joined[index].room)
        }
        for index in response.peeked.indices {
            response.peeked[index].accountData += try earlier(in: response.peeked[index].room)
        }
    }

    private func addAccountData(to response: inout SyncResponse, store: StoreTransaction) throws {
        let after = request.fullState ? .zero : since ?? .zero
        for data in try store.accountData.changes(of: device.user, after: after, upTo: plan.position) {
            let isPushRules = data.type == .pushRules && data.room == nil
            let content = isPushRules ? PushRuleset.accountData(stored: data.content, of: device.user) : data.content
            let item = AccountDataItem(type: data.type, content: content)
            guard let roomID = data.room else {
                if filter.accountData.includes(type: data.type, sender: nil) { response.accountData.append(item) }
                continue
            }
            guard filter.roomAccountData.includes(type: data.type, sender: nil), filter.includes(roomID) else { continue }
            if let index = response.joined.firstIndex(where: { $0.room == roomID }) {
                response.joined[index].accountData.append(item)
            } else if let index = response.left.firstIndex(where: { $0.room == roomID }) {
                response.left[index].accountData.append(item)
            } else if let index = response.peeked.firstIndex(where: { $0.room == roomID }) {
                response.peeked[index].accountData.append(item)
            } else if plan.shows(roomID) {
                // It was joined after the plan was made: no room stands in two sections.
                continue
            } else if try isPeeked(roomID, store: store) {
                var room = SyncRoom(room: roomID, prevBatch: SyncToken(plan.position))
                room.accountData = [item]
                response.peeked.append(room)
            } else if try store.memberships.membership(of: device.user, in: roomID)?.membership == .join {
                var room = SyncRoom(room: roomID, prevBatch: SyncToken(plan.position))
                room.accountData = [item]
                response.joined.append(room)
            }
        }
    }
}

extension SyncAssembly {
    /// Whether the device follows a room by a peek that it knows of, or is told of with this answer.
    private func isPeeked(_ room: RoomID, store: StoreTransaction) throws -> Bool {
        if plan.peeked.contains(where: { $0.room == room }) { return true }
        return try store.peeks.live(of: device.user, in: room).contains { $0.device == device && $0.started <= plan.position }
    }
}

extension SyncPlan {
    /// Whether a room that is neither joined nor peeked into is told of.
    fileprivate func shows(_ room: RoomID) -> Bool {
        invited.contains(room) || left.contains { $0.room == room }
            || endedPeeks.contains(room)
    }
}

import HearthStore
public import MatrixModel
import RoomRules
import SubscriptionCore

extension RoomService {
    /// Joins a room by id or alias; joining where one is already is fine and changes nothing.
    public func join(_ target: RoomIDOrAlias, by device: DeviceKey, reason: String? = nil) async throws -> RoomID {
        let user = device.user
        let room = try await perform { context in
            try context.requireAccount(user)
            let room = try Self.resolve(target, in: context)
            guard try context.membership(of: user, in: room) != .join else { return room }
            let content = try Self.joinContent(for: user, in: room, reason: reason, context: context)
            try context.sendMembership(content, of: user, by: user, in: room)
            try Self.endPeeks(of: user, in: room, context: context)
            return room
        }
        activityHappened(device)
        return room
    }

    /// Leaves a room, or declines an invitation to it.
    public func leave(_ room: RoomID, by device: DeviceKey, reason: String? = nil) async throws {
        let user = device.user
        try await perform { context in
            _ = try context.requireRoom(room)
            let membership = try context.membership(of: user, in: room)
            guard membership == .join || membership == .invite || membership == .knock else { throw RoomError.notInRoom }
            let content = try context.memberContent(.leave, of: user, reason: reason)
            try context.sendMembership(content, of: user, by: user, in: room)
        }
    }

    public func invite(_ invitee: UserID, to room: RoomID, by device: DeviceKey, reason: String? = nil) async throws {
        try await perform { context in
            _ = try context.requireRoom(room)
            try Self.requireJoined(device.user, in: room, context: context)
            try context.requireLocalUser(invitee)
            if try context.membership(of: invitee, in: room) == .join {
                throw RoomError.forbidden("\(invitee) is in the room already.")
            }
            let content = try context.memberContent(.invite, of: invitee, reason: reason)
            try context.sendMembership(content, of: invitee, by: device.user, in: room)
        }
        activityHappened(device)
    }

    /// Removes a user from a room. [Kick](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidkick).
    public func kick(_ target: UserID, from room: RoomID, by device: DeviceKey, reason: String? = nil) async throws {
        try await changeMembership(of: target, in: room, to: .leave, by: device, reason: reason) { membership in
            guard membership == .join || membership == .invite || membership == .knock else {
                throw RoomError.forbidden("\(target) is not in the room.")
            }
        }
    }

    public func ban(_ target: UserID, from room: RoomID, by device: DeviceKey, reason: String? = nil) async throws {
        try await changeMembership(of: target, in: room, to: .ban, by: device, reason: reason) { _ in }
    }

    public func unban(_ target: UserID, in room: RoomID, by device: DeviceKey, reason: String? = nil) async throws {
        try await changeMembership(of: target, in: room, to: .leave, by: device, reason: reason) { membership in
            guard membership == .ban else { throw RoomError.badState("\(target) is not banned from the room.") }
        }
    }

    /// Lets go of a room that one has left: it is never shown again, until a new invitation or join.
    public func forget(_ room: RoomID, by user: UserID) async throws {
        try await perform { context in
            _ = try context.requireRoom(room)
            guard let membership = try context.membership(of: user, in: room) else { throw RoomError.unknownRoom }
            guard membership == .leave || membership == .ban else {
                throw RoomError.badState("Leave the room before you forget it.")
            }
            try context.transaction.memberships.forget(room, by: user)
            context.tell(.roomForgotten(room, by: user))
        }
    }

    private func changeMembership(
        of target: UserID, in room: RoomID, to membership: Membership, by device: DeviceKey, reason: String?,
        check: @escaping @Sendable (Membership?) throws -> Void
    ) async throws {
        try await perform { context in
            _ = try context.requireRoom(room)
            try Self.requireJoined(device.user, in: room, context: context)
            guard context.server.isLocal(target) else {
                throw RoomError.forbidden("\(target) is on another server, and this server does not federate.")
            }
            try check(try context.membership(of: target, in: room))
            let content = try context.memberContent(membership, of: target, reason: reason)
            try context.sendMembership(content, of: target, by: device.user, in: room)
        }
        activityHappened(device)
    }

    // MARK: Parts of operations

    static func resolve(_ target: RoomIDOrAlias, in context: WriteContext) throws -> RoomID {
        switch target {
        case .id(let room):
            _ = try context.requireRoom(room)
            return room
        case .alias(let alias):
            guard let room = try context.transaction.aliases.room(alias)?.roomID else {
                throw RoomError.notFound("There is no room alias \(alias).")
            }
            return room
        }
    }

    static func requireJoined(_ user: UserID, in room: RoomID, context: WriteContext) throws {
        guard try context.membership(of: user, in: room) == .join else { throw RoomError.notInRoom }
    }

    /// A join's content; in a restricted room that one may join through another, a member who may invite vouches for it.
    private static func joinContent(
        for user: UserID, in room: RoomID, reason: String?, context: WriteContext
    ) throws -> JSONObject {
        var content = try context.memberContent(.join, of: user, reason: reason)
        let rules = try context.state(.joinRules, in: room)?.content
        let rule = rules?["join_rule"]?.stringValue
        guard rule == "restricted" || rule == "knock_restricted", try context.membership(of: user, in: room) != .invite else {
            return content
        }
        let allowed = (rules?["allow"]?.arrayValue ?? []).compactMap { condition -> RoomID? in
            guard let condition = condition.objectValue, condition["type"] == "m.room_membership" else { return nil }
            return condition["room_id"]?.stringValue.flatMap { RoomID($0) }
        }
        guard try allowed.contains(where: { try context.membership(of: user, in: $0) == .join }),
            let create = try context.state(.create, in: room)
        else { return content }
        let levels = PowerLevels(create: create, powerLevels: try context.state(.powerLevels, in: room))
        let voucher = try context.transaction.memberships.memberships(in: room).first {
            $0.membership == .join && levels.level(of: $0.userID) >= levels.invite
        }
        content["join_authorised_via_users_server"] = voucher.map { .string($0.userID.rawValue) }
        return content
    }

    /// A member needs no peek: the room goes on in `rooms.join` of the devices that peeked.
    private static func endPeeks(of user: UserID, in room: RoomID, context: WriteContext) throws {
        for peek in try context.transaction.peeks.live(of: user, in: room) {
            let position = context.nextPosition()
            try context.transaction.peeks.end(started: peek.started, at: position, reason: .joined)
            context.tell(.peekEnded(peek.device, room, at: position, reason: .joined))
        }
    }
}

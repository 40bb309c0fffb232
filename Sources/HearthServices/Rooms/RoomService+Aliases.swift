import HearthSettings
import HearthStore
public import MatrixModel
import RoomRules

extension RoomService {
    /// Gives a room an alias. The maker must be in the room; what looks like a profile room's alias is the server's.
    public func addAlias(_ alias: RoomAlias, for room: RoomID, by user: UserID) async throws {
        let server = server.name
        try await perform { [quotas = settings.quotas] context in
            guard alias.server == server else {
                throw RoomError.invalidParameter("Aliases of this server end with :\(server).")
            }
            try Self.checkFree(alias, in: context)
            _ = try context.requireRoom(room)
            try Self.requireJoined(user, in: room, context: context)
            try Self.requireRoomForAlias(in: quotas, of: user, context: context)
            try context.transaction.aliases.insert(alias, for: room, creator: user)
        }
    }

    /// Takes an alias away: its maker may, and whoever may set the room's canonical alias. Where the remover may change that, it does not name
    /// the alias any more.
    public func removeAlias(_ alias: RoomAlias, by user: UserID) async throws {
        try await perform { context in
            guard let (room, creator) = try context.transaction.aliases.room(alias) else {
                throw RoomError.notFound("There is no room alias \(alias).")
            }
            if ReservedAliases.isProfile(alias) { throw RoomError.aliasReserved(alias) }
            if creator != user {
                guard let create = try context.room(room).flatMap({ _ in try context.state(.create, in: room) }) else {
                    throw RoomError.unknownRoom
                }
                let levels = PowerLevels(create: create, powerLevels: try context.state(.powerLevels, in: room))
                guard levels.level(of: user) >= levels.required(for: .canonicalAlias, isState: true) else {
                    throw RoomError.forbidden("Only the maker of an alias, or who may set the canonical alias, removes it.")
                }
            }
            try context.transaction.aliases.delete(alias)
            try Self.unname(alias, in: room, by: user, context: context)
        }
    }

    /// Takes an alias out of `m.room.canonical_alias`, where the user may.
    private static func unname(_ alias: RoomAlias, in room: RoomID, by user: UserID, context: WriteContext) throws {
        guard try context.room(room) != nil,
            let standing = try context.state(StateKey(.canonicalAlias), in: room)?.content
        else { return }
        func isNamed(by value: JSON) -> Bool { value.stringValue?.hasSameBytes(as: alias.rawValue) ?? false }
        var content = standing
        if content["alias"].map(isNamed) ?? false { content["alias"] = nil }
        if let others = content["alt_aliases"]?.arrayValue, others.contains(where: isNamed) {
            content["alt_aliases"] = .array(others.filter { !isNamed(by: $0) })
        }
        guard content != standing else { return }
        do {
            try context.send(EventRequest(type: .canonicalAlias, stateKey: "", sender: user, content: content), in: room)
        } catch is SendError {
            // The alias is gone all the same; what the room says of it is for others to change.
        }
    }

    public func room(of alias: RoomAlias) async throws -> RoomID {
        guard let room = try await store.read({ try $0.aliases.room(alias)?.roomID }) else {
            throw RoomError.notFound("There is no room alias \(alias).")
        }
        return room
    }

    /// Refuses one more alias of somebody who made as many as may be.
    static func requireRoomForAlias(in quotas: Quotas, of user: UserID, context: WriteContext) throws {
        guard try context.transaction.aliases.count(by: user, atMost: quotas.aliases) < quotas.aliases else {
            throw QuotaExceeded(.aliases, limit: quotas.aliases)
        }
    }
}

import HearthRuntime
import HearthStore
public import MatrixModel
import RoomRules
import SubscriptionCore

extension RoomService {
    /// Makes a room and everything the request asks for in it, in one transaction.
    ///
    /// The order of the events is the [spec's](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3createroom).
    public func create(_ request: CreateRoomRequest, by creator: DeviceKey) async throws -> RoomID {
        let request = try request.bounded()
        guard let version = request.version.map(RoomVersion.init(rawValue:)) ?? settings.defaultVersion else {
            throw RoomError.unsupportedVersion("This server knows the room versions 11 and 12.")
        }
        if request.creationContent["type"]?.stringValue == ProfileRoomRules.roomType {
            throw RoomError.forbidden("Profile rooms are made by the server alone.")
        }
        let opaque = SecureRandom.letters(18)
        let user = creator.user
        try roomsMade.take(by: user)
        let room = try await perform { [quotas = settings.quotas] context in
            try context.requireAccount(user)
            let alias = try request.aliasLocalpart.map { try Self.checkNewAlias($0, in: context) }
            if alias != nil { try Self.requireRoomForAlias(in: quotas, of: user, context: context) }
            for invitee in request.invite { try context.requireLocalUser(invitee) }
            let room = try context.createRoom(
                version: version, id: version == .v11 ? RoomID("!\(opaque):\(user.server)") : nil, creator: user,
                content: Self.createContent(request, version: version), profileOwner: nil)
            if request.isPublic { try context.transaction.roomDirectory.setPublished(true, room) }
            try context.sendMembership(context.memberContent(.join, of: user), of: user, by: user, in: room)
            do {
                for event in Self.firstState(request, version: version, creator: user, alias: alias) {
                    try context.send(
                        EventRequest(type: event.key.type, stateKey: event.key.key, sender: user, content: event.content),
                        in: room)
                }
            } catch SendError.forbidden(let reason) {
                throw RoomError.invalidRoomState(reason)
            }
            if let alias { try context.transaction.aliases.insert(alias, for: room, creator: user) }
            for invitee in request.invite where invitee != user {
                var content = try context.memberContent(.invite, of: invitee)
                if request.isDirect { content["is_direct"] = true }
                try context.sendMembership(content, of: invitee, by: user, in: room)
            }
            return room
        }
        activityHappened(creator)
        return room
    }

    static func checkNewAlias(_ localpart: String, in context: WriteContext) throws -> RoomAlias {
        guard let alias = RoomAlias(localpart: localpart, server: context.server.name),
            !localpart.utf8.contains(UInt8(ascii: ":"))
        else { throw RoomError.invalidParameter("\"\(localpart)\" cannot be the name of a room alias.") }
        try checkFree(alias, in: context)
        return alias
    }

    static func checkFree(_ alias: RoomAlias, in context: WriteContext) throws {
        if ReservedAliases.contains(alias) { throw RoomError.aliasReserved(alias) }
        if try context.transaction.aliases.room(alias) != nil { throw RoomError.aliasInUse(alias) }
    }

    private static func createContent(_ request: CreateRoomRequest, version: RoomVersion) -> JSONObject {
        var content = request.creationContent
        content["creator"] = nil
        content["room_version"] = .string(version.rawValue)
        if version == .v12, request.effectivePreset == .trustedPrivateChat, !request.invite.isEmpty {
            let named = content["additional_creators"]?.arrayValue ?? []
            let invited = request.invite.map { JSON.string($0.rawValue) }.filter { !named.contains($0) }
            content["additional_creators"] = .array(named + invited)
        }
        return content
    }

    /// The state after the creator's join: power levels, alias, what the preset says, the given state, name and topic.
    private static func firstState(
        _ request: CreateRoomRequest, version: RoomVersion, creator: UserID, alias: RoomAlias?
    ) -> [CreateRoomRequest.InitialState] {
        typealias State = CreateRoomRequest.InitialState
        let isPublic = request.effectivePreset == .publicChat
        var state = [
            State(key: .powerLevels, content: powerLevels(request, version: version, creator: creator))
        ]
        if let alias { state.append(State(key: StateKey(.canonicalAlias), content: ["alias": .string(alias.rawValue)])) }
        let preset = [
            State(key: .joinRules, content: ["join_rule": isPublic ? "public" : "invite"]),
            State(key: .historyVisibility, content: ["history_visibility": "shared"]),
            State(key: StateKey(.guestAccess), content: ["guest_access": isPublic ? "forbidden" : "can_join"]),
        ]
        // What the request gives itself is not sent twice.
        state += preset.filter { rule in !request.initialState.contains { $0.key == rule.key } }
        // Whether the room suggests that its members share their presence, unless the request says so, under either name.
        let hints = RoomSharing.hintTypes.map { StateKey($0) }
        if !request.initialState.contains(where: { hints.contains($0.key) }) {
            state.append(
                State(key: StateKey(RoomSharing.unstableHintType), content: RoomSharing.hint(suggests: !isPublic)))
        }
        state += request.initialState
        if let name = request.name { state.append(State(key: StateKey(.name), content: ["name": .string(name)])) }
        if let topic = request.topic {
            state.append(
                State(
                    key: StateKey(.topic),
                    content: ["topic": .string(topic), "m.topic": ["m.text": [["body": .string(topic)]]]]))
        }
        return state
    }

    private static func powerLevels(_ request: CreateRoomRequest, version: RoomVersion, creator: UserID) -> JSONObject {
        var users: JSONObject = [:]
        if version == .v11 {
            users[creator.rawValue] = 100
            if request.effectivePreset == .trustedPrivateChat {
                for invitee in request.invite { users[invitee.rawValue] = 100 }
            }
        }
        let levels: JSONObject = [
            "ban": 50, "events_default": 0, "invite": request.effectivePreset == .publicChat ? 50 : 0, "kick": 50, "redact": 50,
            "state_default": 50, "users_default": 0, "users": .object(users),
            "events": [
                "m.room.avatar": 50, "m.room.canonical_alias": 50, "m.room.encryption": 100, "m.room.history_visibility": 100,
                "m.room.name": 50, "m.room.power_levels": 100, "m.room.server_acl": 100,
                "m.room.tombstone": version == .v12 ? 150 : 100,
            ],
        ]
        return levels.merging(request.powerLevelOverride)
    }
}

import HTTPTypes
import HearthRuntime
import HearthServices
import HearthStore
import MatrixModel

/// GET /_matrix/client/v3/directory/list/room/{roomId}: whether a room is in the directory; needs no token.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3directorylistroomroomid). A room that is not, for whoever
/// is no member of it, cannot be told from one that does not exist.
enum GetDirectoryVisibility: Endpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("directory/list/room/:roomID")

    static func answer(_ call: ClientCall) async throws -> ClientAnswer {
        let room = try call.path.room()
        let isPublished = try await call.services.directories.isPublished(room, for: call.lookingUp())
        return ClientAnswer(["visibility": isPublished ? "public" : "private"])
    }
}

/// PUT /_matrix/client/v3/directory/list/room/{roomId}: publishes a room, or takes it back.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3directorylistroomroomid). For members who may set the
/// room's canonical alias.
enum PutDirectoryVisibility: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = GetDirectoryVisibility.paths

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let room = try call.path.room()
        let isPublished: Bool
        switch try await call.body().string("visibility") {
        case nil, "public"?: isPublished = true
        case "private"?: isPublished = false
        default: throw ClientFailure.invalidParameter("\"visibility\" is public or private.")
        }
        try call.services.limits.take(.state, by: requester.user)
        try await call.services.directories.setPublished(isPublished, room, by: requester.user)
        return .empty
    }
}

/// GET /_matrix/client/v3/publicRooms: the published rooms; needs no token. Without one the address is what the rate limit counts.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3publicrooms).
enum GetPublicRooms: Endpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("publicRooms")

    static func answer(_ call: ClientCall) async throws -> ClientAnswer {
        try call.requireOwnServer()
        var query = RoomDirectoryQuery()
        query.limit = try call.query.number("limit")
        query.offset = try PublicRoomsToken.offset(of: call.query["since"])
        try call.takeSearch()
        return ClientAnswer(try await call.services.directories.rooms(query))
    }
}

/// POST /_matrix/client/v3/publicRooms: the published rooms that a filter lets through.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3publicrooms). There are no other networks: asking for
/// one finds nothing.
enum PostPublicRooms: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = GetPublicRooms.paths
    static let workload = Workload.read

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.requireOwnServer()
        let body = try await call.body(isOptional: true)
        let query = try query(body)
        _ = try body.bool("include_all_networks")
        if try body.string("third_party_instance_id") != nil {
            return ClientAnswer(RoomDirectoryPage.empty)
        }
        try call.services.limits.take(.search, by: requester.user)
        return ClientAnswer(try await call.services.directories.rooms(query))
    }

    private static func query(_ body: JSONBody) throws(ClientFailure) -> RoomDirectoryQuery {
        var query = RoomDirectoryQuery()
        query.limit = try body.limit()
        query.offset = try PublicRoomsToken.offset(of: body.string("since"))
        guard let filter = try body.object("filter") else { return query }
        query.term = try filter.string("generic_search_term")?.checkedAsSearchTerm("generic_search_term")
        guard let types = try filter.array("room_types") else { return query }
        guard types.count <= RoomDirectoryQuery.mostTypes else {
            throw .invalidParameter("\"room_types\" has at most \(RoomDirectoryQuery.mostTypes) entries.")
        }
        query.types = []
        for type in types {
            guard type.isNull || type.stringValue != nil else { throw .badJSON("\"room_types\" holds strings and nulls.") }
            query.types?.append(type.stringValue)
        }
        return query
    }
}

extension String {
    /// The term of a search, unless it is too long.
    func checkedAsSearchTerm(_ name: String) throws(ClientFailure) -> String {
        guard utf8.count <= DirectoryService.longestTerm else {
            throw .invalidParameter("\"\(name)\" has at most \(DirectoryService.longestTerm) bytes.")
        }
        return self
    }
}

extension JSONBody {
    /// `limit`: a whole number, 0 or more; nil where it is missing.
    func limit() throws(ClientFailure) -> Int? {
        guard let value = self["limit"] else { return nil }
        guard let limit = value.integerValue, limit >= 0 else { throw .badJSON("\"limit\" is a number, 0 or more.") }
        return Int(limit)
    }
}

/// The tokens between pages of published rooms: how many rooms come before.
private enum PublicRoomsToken {
    static func text(of offset: Int) -> String { "p\(offset)" }

    static func offset(of token: String?) throws(ClientFailure) -> Int {
        guard let token, !token.isEmpty else { return 0 }
        guard let offset = Int(token.dropFirst()), offset >= 0, text(of: offset).hasSameBytes(as: token) else {
            throw .invalidParameter("\"since\" is not a token of this server.")
        }
        return offset
    }
}

extension ClientCall {
    fileprivate func takeSearch() throws(LimitExceeded) {
        if let viewer { return try services.limits.take(.search, by: viewer) }
        try services.limits.take(.search, from: address)
    }

    /// Refuses to ask other servers.
    fileprivate func requireOwnServer() throws(ClientFailure) {
        guard let server = query["server"], !server.hasSameBytes(as: services.settings.serverName.rawValue) else { return }
        throw ClientFailure(.notFound, .notFound, "This server does not federate: it knows its own rooms alone.")
    }
}

extension ClientAnswer {
    fileprivate init(_ page: RoomDirectoryPage) {
        self = .object { stream in
            stream.member("chunk", array: page.rooms) { stream, room in stream.value(.object(room.json)) }
            if let next = page.next { stream.member("next_batch", .string(PublicRoomsToken.text(of: next))) }
            if let previous = page.previous { stream.member("prev_batch", .string(PublicRoomsToken.text(of: previous))) }
            stream.member("total_room_count_estimate", .integer(Int64(page.total)))
        }
    }
}

extension ListedRoom {
    fileprivate var json: JSONObject {
        var json: JSONObject = [
            "room_id": .string(entry.room.rawValue), "num_joined_members": .integer(Int64(joinedCount)),
            "world_readable": .bool(entry.isWorldReadable), "guest_can_join": .bool(entry.guestsCanJoin),
            "join_rule": .string(entry.joinRule),
        ]
        json["name"] = entry.name.map { .string($0) }
        json["topic"] = entry.topic.map { .string($0) }
        json["canonical_alias"] = entry.canonicalAlias.map { .string($0) }
        json["avatar_url"] = entry.avatarURL.map { .string($0) }
        json["room_type"] = entry.type.map { .string($0) }
        return json
    }
}

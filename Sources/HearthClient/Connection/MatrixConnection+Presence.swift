public import MatrixModel

/// What became of a wish to peek into profile rooms.
public struct ProfilePeeks: Sendable, Equatable {
    public var rooms: [UserID: RoomID] = [:]
    /// The first of the peeks to expire, by the server's clock.
    public var firstExpiry: MatrixTimestamp?
    /// Why others cannot be peeked at: a sentence each.
    public var refusals: [String: String] = [:]

    public init() {}
}

extension MatrixConnection {
    /// How many people one request may name.
    static let mostPeeksAtOnce = 500

    /// Peeks into profile rooms, or renews the peeks; waits where the server wants it slower.
    public func peekProfiles(_ users: [UserID]) async throws -> ProfilePeeks {
        var peeks = ProfilePeeks()
        for start in stride(from: 0, to: users.count, by: Self.mostPeeksAtOnce) {
            let batch = users[start..<min(start + Self.mostPeeksAtOnce, users.count)]
            let answer = try await sendPatiently(
                "POST", "/_matrix/client/unstable/io.hearth/peek_profiles",
                body: ["user_ids": .array(batch.map { .string($0.rawValue) })]
            ).objectValue
            for member in answer?["peeks"]?.objectValue?.members ?? [] {
                guard let user = UserID(member.key), let peek = member.value.objectValue,
                    let room = peek["room_id"]?.stringValue.flatMap({ RoomID($0) })
                else { continue }
                peeks.rooms[user] = room
                if let expiry = peek["peek_expiry_ts"]?.integerValue.map(MatrixTimestamp.init(milliseconds:)) {
                    peeks.firstExpiry = min(peeks.firstExpiry ?? expiry, expiry)
                }
            }
            for member in answer?["errors"]?.objectValue?.members ?? [] {
                peeks.refusals[member.key] = SafeText.neutralised(
                    member.value.objectValue?["error"]?.stringValue ?? "the server does not say why")
            }
        }
        return peeks
    }

    public func unpeek(_ room: RoomID) async throws {
        try await send("POST", "/rooms/\(room)/unpeek", body: [:], timeout: .seconds(5))
    }

    /// Stores a filter that lets through these peeked rooms and nothing else; returns its id.
    public func storeFilter(for rooms: [RoomID], of user: UserID) async throws -> String {
        let nothing: JSON = ["not_types": ["*"]]
        let answer = try await send(
            "POST", "/user/\(user)/filter",
            body: [
                "presence": nothing, "account_data": nothing,
                "room": [
                    "rooms": .array(rooms.map { .string($0.rawValue) }), "account_data": nothing, "ephemeral": nothing,
                    "state": ["types": ["m.room.create", "m.profile", "m.presence", "m.status"]],
                    "timeline": ["types": ["m.profile", "m.presence", "m.status"]],
                ],
            ])
        guard let id = answer.objectValue?["filter_id"]?.stringValue else { throw ConnectionError.noMatrix(url, status: 200) }
        return id
    }

    /// One `/sync`. Says what `presence` says of this device; `offline` says nothing.
    public func sync(
        since: String?, timeout: Duration, filter: String? = nil, presence: String = "offline"
    ) async throws -> (json: JSON, nextBatch: String) {
        var query = [("set_presence", presence), ("timeout", String(timeout.wholeMilliseconds))]
        if let since { query.append(("since", since)) }
        if let filter { query.append(("filter", filter)) }
        let json = try await send("GET", "/sync", query: query, timeout: timeout + .seconds(30))
        guard let nextBatch = json.objectValue?["next_batch"]?.stringValue else {
            throw ConnectionError.noMatrix(url, status: 200)
        }
        return (json, nextBatch)
    }

    /// Everybody who has joined a room that one has joined oneself, oneself included, in the order of their ids.
    public func housemates(of user: UserID) async throws -> [UserID] {
        var mates: Set<UserID> = [user]
        let rooms = try await send("GET", "/joined_rooms").objectValue?["joined_rooms"]?.arrayValue ?? []
        for room in rooms.compactMap(\.stringValue) {
            let members = try await send("GET", "/rooms/\(room)/joined_members").objectValue?["joined"]?.objectValue
            mates.formUnion((members?.members ?? []).compactMap { UserID($0.key) })
        }
        return mates.sorted { $0.rawValue < $1.rawValue }
    }

    // MARK: One's own presence

    /// Sets one's presence by hand, as a person's choice.
    public func setPresence(_ presence: ShownPresence, until expires: MatrixTimestamp?, of user: UserID) async throws {
        var body: JSONObject = ["presence": .string(presence.rawValue), "io.hearth.manual": true]
        body["io.hearth.expires_ts"] = expires.map { .integer($0.milliseconds) }
        try await send("PUT", "/presence/\(user)/status", body: body)
    }

    /// Back to automatic.
    public func clearPresence(of user: UserID) async throws {
        try await send("DELETE", "/_matrix/client/unstable/io.hearth/presence/\(user)/status")
    }

    /// Sets one's status; nil clears it.
    public func setStatus(_ status: PersonStatus?, of user: UserID) async throws {
        guard let status else {
            try await send("DELETE", "/profile/\(user)/m.status")
            return
        }
        var content: JSONObject = ["text": .string(status.text), "emoji": .string(status.emoji)]
        content["io.hearth.expires_ts"] = status.expires.map { .integer($0.milliseconds) }
        try await send("PUT", "/profile/\(user)/m.status", body: ["m.status": .object(content)])
    }

    /// One's effective presence, and until when the choice in force holds; no choice means automatic, and so does that a program went to the
    /// background.
    public func ownPresence(of user: UserID) async throws -> (presence: ShownPresence, isManual: Bool, expires: MatrixTimestamp?)
    {
        let view = try await send("GET", "/_matrix/client/unstable/io.hearth/presence/\(user)/status").objectValue
        guard let presence = view?["presence"]?.stringValue else { throw ConnectionError.noMatrix(url, status: 200) }
        let inForce = view?["io.hearth.manual"]?.objectValue
        let manual = inForce?["by"]?.stringValue == "away" ? nil : inForce
        return (
            ShownPresence(wire: presence), manual != nil,
            manual?["expires_ts"]?.integerValue.map(MatrixTimestamp.init(milliseconds:))
        )
    }

    /// Sends a request again after the time that the server asks for, five times at most.
    func sendPatiently(_ method: String, _ path: APIPath, body: JSONObject) async throws -> JSON {
        for _ in 0..<5 {
            do {
                return try await send(method, path, body: body)
            } catch ConnectionError.refused(status: 429, _, _, let wait?) {
                try await Task.sleep(for: min(wait, .seconds(30)))
            }
        }
        return try await send(method, path, body: body)
    }
}

public import MatrixModel

extension MatrixClient {
    /// Marks everything up to an event as read.
    @discardableResult
    public func sendReceipt(
        _ kind: String = "m.read", for eventID: String, in roomID: String, thread: String? = nil, expecting status: Int = 200
    ) async throws -> MatrixResponse {
        var body: JSONObject = [:]
        body["thread_id"] = thread.map { .string($0) }
        return try await post("/rooms/\(roomID)/receipt/\(kind)/\(eventID)", .object(body), expecting: status)
    }

    /// Says that the user types, for so many milliseconds; nil says that the user has stopped.
    @discardableResult
    public func putTyping(in roomID: String, for milliseconds: Int64?, expecting status: Int = 200) async throws -> MatrixResponse
    {
        let body: JSONObject = milliseconds.map { ["typing": true, "timeout": .integer($0)] } ?? ["typing": false]
        return try await put("/rooms/\(roomID)/typing/\(userID)", .object(body), expecting: status)
    }
}

extension SyncResponse {
    /// Who is typing in a room; nil where the answer says nothing of it.
    public func typing(in roomID: String) -> [String]? {
        let event = json.events(at: "rooms", "join", roomID, "ephemeral").ofType("m.typing").last
        return event?["content", "user_ids"]?.arrayValue?.compactMap(\.stringValue)
    }

    /// A user's receipt of one kind for an event; nil where the answer has none.
    public func receipt(_ kind: String = "m.read", of userID: String, for eventID: String, in roomID: String) -> JSON? {
        json.events(at: "rooms", "join", roomID, "ephemeral").ofType("m.receipt").contents
            .compactMap { $0[eventID, kind, userID] }.last
    }

    /// The count of unread messages of a room; nil where the answer does not tell it.
    public func unreadCount(of roomID: String) -> Int64? {
        self["rooms", "join", roomID, "unread_notifications", "notification_count"]?.integerValue
    }

    /// One piece of account data of a room.
    public func accountData(_ type: String, of roomID: String) -> JSON? {
        json.events(at: "rooms", "join", roomID, "account_data").ofType(type).last?["content"]
    }
}

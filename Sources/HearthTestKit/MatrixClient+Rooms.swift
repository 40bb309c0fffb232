public import MatrixModel
import Synchronization

extension MatrixClient {
    /// Creates a room and returns its id.
    public func createRoom(_ body: JSONObject = [:]) async throws -> String {
        try await post("/createRoom", .object(body)).string("room_id")
    }

    /// Joins a room by id or alias and returns its id.
    @discardableResult
    public func join(_ room: String) async throws -> String {
        try await post("/join/\(room)").string("room_id")
    }

    public func leave(_ roomID: String) async throws {
        try await post("/rooms/\(roomID)/leave")
    }

    public func invite(_ userID: String, to roomID: String) async throws {
        try await post("/rooms/\(roomID)/invite", ["user_id": .string(userID)])
    }

    /// Peeks into a room by id or alias and returns its id.
    @discardableResult
    public func peek(_ room: String) async throws -> String {
        try await post("/peek/\(room)").string("room_id")
    }

    /// Peeks into a user's profile room and returns its id.
    @discardableResult
    public func peekProfile(of userID: String) async throws -> String {
        try await peek("#\(userID)")
    }

    public func unpeek(_ roomID: String) async throws {
        try await post("/rooms/\(roomID)/unpeek")
    }

    /// Sends an event and returns its id. The transaction id is a fresh one if none is given.
    @discardableResult
    public func send(_ type: String, _ content: JSON, to roomID: String, transactionID: String? = nil) async throws -> String {
        try await put("/rooms/\(roomID)/send/\(type)/\(transactionID ?? TransactionIDs.next())", content).string("event_id")
    }

    /// Sends a text message and returns the event's id.
    @discardableResult
    public func sendText(_ text: String, to roomID: String) async throws -> String {
        try await send("m.room.message", ["msgtype": "m.text", "body": .string(text)], to: roomID)
    }

    /// Sets a room's state and returns the event's id.
    @discardableResult
    public func setState(_ type: String, key: String = "", _ content: JSON, in roomID: String) async throws -> String {
        try await put("/rooms/\(roomID)/state/\(type)/\(key)", content).string("event_id")
    }

    /// The content of a piece of a room's state.
    public func state(_ type: String, key: String = "", of roomID: String) async throws -> JSON {
        try await get("/rooms/\(roomID)/state/\(type)/\(key)").json
    }

    /// Sets global account data.
    public func setAccountData(_ type: String, _ content: JSON) async throws {
        try await put("/user/\(userID)/account_data/\(type)", content)
    }
}

/// Numbers that no other request of this process uses.
private enum TransactionIDs {
    private static let last = Atomic<Int>(0)

    static func next() -> String { "test-\(last.add(1, ordering: .relaxed).newValue)" }
}

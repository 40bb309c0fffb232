public import MatrixModel

extension MatrixClient {
    /// Sets one's presence by hand. A status message of `.null` or `""` clears the status; nil leaves it alone.
    @discardableResult
    public func putPresence(
        _ presence: String, statusMessage: JSON? = nil, fields: JSONObject = [:], expecting status: Int = 200
    ) async throws -> MatrixResponse {
        var body = fields
        body["presence"] = .string(presence)
        if let statusMessage { body["status_msg"] = statusMessage }
        return try await put("/presence/\(userID)/status", .object(body), expecting: status)
    }

    /// Goes back to automatic presence without counting as a contact.
    public func clearPresence() async throws {
        try await delete("/_matrix/client/unstable/io.hearth/presence/\(userID)/status")
    }

    /// One's own view of one's presence, with its sources.
    public func ownPresence() async throws -> JSON {
        try await get("/_matrix/client/unstable/io.hearth/presence/\(userID)/status").json
    }

    /// A user's presence as the legacy endpoint tells it.
    public func legacyPresence(of userID: String, expecting status: Int = 200) async throws -> MatrixResponse {
        try await get("/presence/\(userID)/status", expecting: status)
    }
}

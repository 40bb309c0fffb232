public import MatrixModel

/// The content of `m.status`, within its limits: text up to 256 bytes, emoji up to 32 bytes.
public struct StatusContent: Sendable, Equatable {
    public static let longestText = 256
    public static let longestEmoji = 32
    /// When the status ends by itself, in milliseconds since the epoch.
    public static let expiryKey = "io.hearth.expires_ts"

    /// The content as it is stored; empty when there is no status.
    public let json: JSONObject

    /// - Throws: ``RoomError/statusTooLarge(_:)`` or ``RoomError/malformed(_:)``.
    public init(checking content: JSONObject) throws(RoomError) {
        for (key, limit) in [("text", Self.longestText), ("emoji", Self.longestEmoji)] {
            guard let value = content[key] else { continue }
            guard let text = value.stringValue else { throw .malformed("\"\(key)\" of a status is a string.") }
            guard text.utf8.count <= limit else {
                throw .statusTooLarge("\"\(key)\" of a status has \(text.utf8.count) bytes; \(limit) are allowed.")
            }
        }
        if let expires = content[Self.expiryKey] {
            guard expires.integerValue != nil else { throw .malformed("\"io.hearth.expires_ts\" is a time in milliseconds.") }
        }
        json = content
    }

    /// - Throws: ``RoomError/invalidParameter(_:)`` for a status that would be over already.
    func checkExpiry(at now: MatrixTimestamp) throws(RoomError) {
        if let expires = json[Self.expiryKey]?.integerValue, expires <= now.milliseconds {
            throw .invalidParameter("\"\(Self.expiryKey)\" lies in the past.")
        }
    }

    public var text: String? { json["text"]?.stringValue }
}

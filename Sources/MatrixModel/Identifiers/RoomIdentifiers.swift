/// A room's id: `!opaque:server` up to room version 11, `!` and the hash of the create event from version 12 on.
///
/// [Room IDs](https://spec.matrix.org/v1.16/appendices/#room-ids).
public struct RoomID: MatrixIdentifier {
    public let rawValue: String

    public init?(_ text: String) {
        guard (2...longestIdentifier).contains(text.utf8.count), text.utf8.first == UInt8(ascii: "!") else { return nil }
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let split = SplitIdentifier(text, sigil: UInt8(ascii: "!")), !split.localpart.isEmpty else { return nil }
            guard split.localpart.utf8.allSatisfy(isVisible) else { return nil }
        } else {
            guard text.utf8.dropFirst().allSatisfy(isURLSafeBase64) else { return nil }
        }
        rawValue = text
    }

    /// The server named in the id; nil for the ids of room version 12, which name none.
    public var server: ServerName? {
        rawValue.utf8.firstIndex(of: UInt8(ascii: ":")).flatMap {
            ServerName(String(rawValue[rawValue.utf8.index(after: $0)...]))
        }
    }
}

/// An event's id: `$` and, in the room versions Hearth knows, the unpadded URL-safe base64 of the event's reference hash.
///
/// [Event IDs](https://spec.matrix.org/v1.16/appendices/#event-ids).
public struct EventID: MatrixIdentifier {
    public let rawValue: String

    public init?(_ text: String) {
        guard (2...longestIdentifier).contains(text.utf8.count), text.utf8.first == UInt8(ascii: "$") else { return nil }
        guard text.utf8.allSatisfy(isVisible) else { return nil }
        rawValue = text
    }
}

/// A room's alias, `#localpart:server`; the localpart may hold any character but the colon and U+0000.
///
/// [Room aliases](https://spec.matrix.org/v1.16/appendices/#room-aliases).
public struct RoomAlias: MatrixIdentifier {
    public let rawValue: String
    public let server: ServerName

    public init?(_ text: String) {
        guard let split = SplitIdentifier(text, sigil: UInt8(ascii: "#")) else { return nil }
        guard !split.localpart.isEmpty, !split.localpart.utf8.contains(0) else { return nil }
        rawValue = text
        server = split.server
    }

    public init?(localpart: some StringProtocol, server: ServerName) {
        self.init("#\(localpart):\(server)")
    }

    public var localpart: Substring { textBetweenSigilAndColon }
}

/// Where a client names a room by id or by alias.
public enum RoomIDOrAlias: Hashable, Sendable {
    case id(RoomID)
    case alias(RoomAlias)

    public init?(_ text: String) {
        if let id = RoomID(text) {
            self = .id(id)
        } else if let alias = RoomAlias(text) {
            self = .alias(alias)
        } else {
            return nil
        }
    }
}

private func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte != 0x7F }

private func isURLSafeBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
}

/// The id of a piece of content on its server: 1 to 255 of the characters `A-Z a-z 0-9 _ -`.
///
/// [Matrix content URIs](https://spec.matrix.org/v1.16/client-server-api/#matrix-content-mxc-uris).
public struct MediaID: MatrixIdentifier {
    public let rawValue: String

    public init?(_ text: String) {
        guard (1...longestIdentifier).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        rawValue = text
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

/// Where content is found: `mxc://SERVER/MEDIA_ID`.
///
/// [Matrix content URIs](https://spec.matrix.org/v1.16/client-server-api/#matrix-content-mxc-uris).
public struct MediaURI: Hashable, Sendable, CustomStringConvertible {
    public let server: ServerName
    public let id: MediaID

    public init(server: ServerName, id: MediaID) {
        self.server = server
        self.id = id
    }

    public var description: String { "mxc://\(server)/\(id)" }
}

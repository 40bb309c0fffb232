/// A user's id, `@localpart:server`.
///
/// [User identifiers](https://spec.matrix.org/v1.16/appendices/#user-identifiers). Parsing takes the historical grammar (printable
/// ASCII without the colon), because events of other servers carry such ids; registration asks for ``isStrict``.
public struct UserID: MatrixIdentifier {
    public let rawValue: String
    public let server: ServerName

    public init?(_ text: String) {
        guard let split = SplitIdentifier(text, sigil: UInt8(ascii: "@")), !split.localpart.isEmpty else { return nil }
        guard split.localpart.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        rawValue = text
        server = split.server
    }

    /// The id that is this text, as ``init(_:)`` reads it, sooner where it is on a server that the caller knows.
    package init?(_ text: String, likelyOn server: ServerName?) {
        let bytes = text.utf8
        guard let server, let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            bytes[bytes.index(after: colon)...].elementsEqual(server.rawValue.utf8)
        else {
            self.init(text)
            return
        }
        let localpart = bytes[bytes.startIndex..<colon]
        guard bytes.count <= longestIdentifier, localpart.count > 1, localpart.first == UInt8(ascii: "@"),
            localpart.dropFirst().allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.init(checked: text, server: server)
    }

    private init(checked text: String, server: ServerName) {
        rawValue = text
        self.server = server
    }

    /// The id with this localpart on this server, or nil when they do not make one.
    public init?(localpart: some StringProtocol, server: ServerName) {
        self.init("@\(localpart):\(server)")
    }

    public var localpart: Substring { textBetweenSigilAndColon }

    /// Whether the localpart holds nothing but what new ids may hold: `a-z`, `0-9`, `._=-/+`.
    public var isStrict: Bool {
        localpart.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "="), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "+"):
                true
            default: false
            }
        }
    }
}

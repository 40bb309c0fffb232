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

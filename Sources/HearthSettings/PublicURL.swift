import MatrixModel

/// Where clients reach the server from outside: `https://` or `http://`, a host, perhaps a port and a path; no slash at the end.
public struct PublicURL: Sendable, Equatable, CustomStringConvertible {
    public let description: String

    /// The URL, or nil when the text is none of that form. Slashes at its end are left out.
    public init?(_ text: String) {
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else { return nil }
        var text = text[...]
        while text.utf8.last == UInt8(ascii: "/"), text.utf8.count > scheme.utf8.count { text = text.dropLast() }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        guard ServerName(String(authority)) != nil, rest.dropFirst(authority.count).utf8.allSatisfy(Self.isPathByte) else {
            return nil
        }
        description = String(text)
    }

    /// Visible ASCII that neither ends a path nor has to be escaped in JSON or HTML.
    private static func isPathByte(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && !"?#\"\\<>".utf8.contains(byte)
    }
}

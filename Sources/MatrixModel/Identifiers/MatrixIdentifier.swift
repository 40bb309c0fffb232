/// A string that was checked against one grammar of the spec's appendices and compares by its bytes.
///
/// [Identifier grammar](https://spec.matrix.org/v1.16/appendices/#identifier-grammar). A value of such a type exists only if it
/// parsed, so that code past the edge never checks an id again.
public protocol MatrixIdentifier: Hashable, Sendable, CustomStringConvertible {
    var rawValue: String { get }

    /// The identifier, or nil when the text does not fit the grammar.
    init?(_ text: String)
}

extension MatrixIdentifier {
    public static func == (lhs: Self, rhs: Self) -> Bool { lhs.rawValue.hasSameBytes(as: rhs.rawValue) }
    public func hash(into hasher: inout Hasher) { rawValue.hashBytes(into: &hasher) }
    public var description: String { rawValue }
}

/// The longest identifier the spec allows, in bytes, its sigil and server name included.
let longestIdentifier = 255

/// An identifier of the form sigil, localpart, colon, server name.
///
/// Split by bytes: a character of Swift may swallow the sigil or the colon together with a combining mark beside it.
struct SplitIdentifier {
    var localpart: Substring
    var server: ServerName

    init?(_ text: String, sigil: UInt8) {
        guard text.utf8.count <= longestIdentifier, text.utf8.first == sigil else { return nil }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        guard let server = ServerName(String(text[text.utf8.index(after: colon)...])) else { return nil }
        self.localpart = text[text.utf8.index(after: text.startIndex)..<colon]
        self.server = server
    }
}

extension MatrixIdentifier {
    /// What stands between the sigil and the first colon.
    var textBetweenSigilAndColon: Substring {
        Substring(rawValue.utf8.dropFirst().prefix { $0 != UInt8(ascii: ":") })
    }
}

import MatrixModel

/// Aliases that only the server gives: those of profile rooms (`#@alice:example.org`), and all that people would take for one. Pure.
enum ReservedAliases {
    /// Whether it is the alias of a profile room, or would be of one.
    static func isProfile(_ alias: RoomAlias) -> Bool { alias.localpart.unicodeScalars.first == "@" }

    /// Whether the alias begins with `@` for whoever reads it: without what cannot be seen, and with the other forms of the character that
    /// compatibility normalization (NFKC) makes `@` of.
    static func contains(_ alias: RoomAlias) -> Bool {
        alias.localpart.unicodeScalars.first { !isInvisible($0) }.map(ats.contains) ?? false
    }

    /// `@`, and its full-width and small forms: all whose compatibility mapping begins with it.
    private static let ats: Set<Unicode.Scalar> = ["@", "\u{FF20}", "\u{FE6B}"]

    /// Spaces, controls, and what is there to be ignored: zero-width characters, joiners, variation selectors, marks of direction; combining
    /// characters too, which have nothing to stand on here.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        if properties.isDefaultIgnorableCodePoint || properties.isWhitespace { return true }
        switch properties.generalCategory {
        case .control, .format, .unassigned, .privateUse, .nonspacingMark, .enclosingMark, .spacingMark: return true
        default: return false
        }
    }
}

/// The part of a name, a topic or another text of users that is searched: its beginning, without regard to case.
///
/// What is stored and shown stays whole. What is searched has a bound, so that no search costs more for the sake of one long name.
public enum SearchableText {
    /// How many characters (Unicode scalars) of a text are searched.
    public static let longest = 255

    /// The beginning of a text that is searched.
    public static func cut(_ text: String) -> String {
        text.utf8.count <= longest ? text : String(Substring(text.unicodeScalars.prefix(longest)))
    }

    /// The same, with its letters as Unicode lower-cases them.
    public static func folded(_ text: String) -> String { cut(text).lowercased() }
}

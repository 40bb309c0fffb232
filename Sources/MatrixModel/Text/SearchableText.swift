/// The part of a name, a topic or another text of users that is searched: its beginning, folded (``CaseFolding``).
///
/// What is stored and shown stays whole. What is searched has a bound, so that no search costs more for the sake of one long name.
public enum SearchableText {
    /// How many characters (Unicode scalars) of a folded text are searched.
    public static let longest = 255

    /// The beginning of a text, as it is searched.
    public static func folded(_ text: String) -> String {
        // However a text is encoded, its characters have no more scalars than this, but for those with piles of accents.
        beginning(of: CaseFolding.fold(beginning(of: text, 4 * longest)), longest)
    }

    private static func beginning(of text: String, _ count: Int) -> String {
        text.utf8.count <= count ? text : String(Substring(text.unicodeScalars.prefix(count)))
    }
}

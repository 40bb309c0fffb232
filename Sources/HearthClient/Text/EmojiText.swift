/// Finds emoji.
public enum EmojiText {
    /// Bytes; what a status takes as its emoji.
    public static let longestEmoji = 32

    /// Whether people see a picture, rather than a letter, digit or sign that could be one.
    public static func isEmoji(_ character: Character) -> Bool {
        guard let first = character.unicodeScalars.first, first.properties.isEmoji else { return false }
        if first.properties.isEmojiPresentation || character.unicodeScalars.contains("\u{FE0F}") { return true }
        return first.value >= 0x2600
    }

    /// A status as people type it: an emoji at its beginning goes apart from the text.
    public static func split(_ status: String) -> (emoji: String, text: String) {
        let status = trimmed(status)
        guard let first = status.first, isEmoji(first), String(first).utf8.count <= longestEmoji else { return ("", status) }
        return (String(first), trimmed(String(status.dropFirst())))
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}

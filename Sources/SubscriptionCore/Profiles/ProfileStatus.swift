public import MatrixModel

/// A status as profiles show it.
public enum ProfileStatus {
    /// What stands for the emoji of a status that has none.
    public static let standInEmoji = "💬"

    /// The status with both of its fields, since clients drop one in which either is empty: a missing emoji is 💬, a missing text the emoji
    /// once more. Nil where there is neither: then there is no status.
    public static func view(of content: JSONObject) -> JSONObject? {
        let text = content["text"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        let emoji = content["emoji"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        if text != nil, emoji != nil { return content }
        guard let shown = text ?? emoji else { return nil }
        return content.merging(["text": .string(shown), "emoji": .string(emoji ?? standInEmoji)])
    }

    /// The status as one text, for clients that know no emoji beside it: the text, else the emoji.
    public static func text(of content: JSONObject) -> String? {
        content["text"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
            ?? content["emoji"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Makes what somebody else wrote fit for a terminal.
public enum SafeText {
    /// The longest cluster that is taken for one character: families of emoji pass, towers of accents do not.
    static let longestCluster = 12

    /// The text on one line: breaks and tabs are spaces; controls, marks that turn the direction of writing, and clusters that would
    /// never end are `�`.
    public static func neutralised(_ text: String) -> String {
        var safe = ""
        for character in text {
            if character.unicodeScalars.count > longestCluster {
                safe.unicodeScalars.append("\u{FFFD}")
                continue
            }
            for scalar in character.unicodeScalars { safe.unicodeScalars.append(contentsOf: replacement(of: scalar)) }
        }
        return safe
    }

    private static func replacement(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        switch scalar.value {
        case 0x0A: [" "]
        case 0x0D: []
        case 0x09, 0x0B, 0x0C, 0x85, 0x2028, 0x2029: [" "]
        // The marks, embeddings, overrides and isolates that turn the direction of writing.
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: ["\u{FFFD}"]
        default: scalar.properties.generalCategory == .control ? ["\u{FFFD}"] : [scalar]
        }
    }
}

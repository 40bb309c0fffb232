/// A text as push rules see it: without regard to case, as bytes and as the words that it is made of.
///
/// A word is a run of ASCII letters, digits and underscores; every other character is a boundary, a letter with an accent too:
/// [so the spec has it](https://spec.matrix.org/v1.16/client-server-api/#conditions-1). Case is folded as Unicode lower-cases.
struct FoldedText: Sendable {
    let text: String
    let bytes: [UInt8]
    let words: Set<String>

    init(_ original: String) {
        text = Self.fold(original)
        bytes = Array(text.utf8)
        var words: Set<String> = []
        for word in bytes.split(whereSeparator: { !Self.isWordByte($0) }) { words.insert(String(decoding: word, as: UTF8.self)) }
        self.words = words
    }

    static func fold(_ text: String) -> String { text.lowercased() }

    static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool { scalar.isASCII && isWordByte(UInt8(scalar.value)) }
}

/// A text without wildcards that is looked for between word boundaries: a name, or most patterns.
struct WordLiteral: Sendable, Equatable {
    let bytes: [UInt8]
    /// What every text that holds this has among its words; nil when this does not begin with a word.
    let firstWord: String?

    init(_ text: String) {
        bytes = Array(FoldedText.fold(text).utf8)
        let word = bytes.prefix(while: FoldedText.isWordByte)
        firstWord = word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
    }

    /// Whether the text holds this, with a word boundary or an end of the text on both sides. The empty literal is nowhere.
    func occurs(in text: FoldedText) -> Bool {
        guard let first = bytes.first, bytes.count <= text.bytes.count else { return false }
        if let firstWord, !text.words.contains(firstWord) { return false }
        for start in 0...(text.bytes.count - bytes.count) where text.bytes[start] == first {
            if start > 0, FoldedText.isWordByte(text.bytes[start - 1]) { continue }
            let end = start + bytes.count
            if end < text.bytes.count, FoldedText.isWordByte(text.bytes[end]) { continue }
            if text.bytes[start..<end].elementsEqual(bytes) { return true }
        }
        return false
    }
}

import MatrixModel

/// A text as push rules see it: its beginning, without regard to case, as bytes and as the words that it is made of.
///
/// A word is a run of ASCII letters, digits and underscores; every other character is a boundary, a letter with an accent too:
/// [so the spec has it](https://spec.matrix.org/v1.16/client-server-api/#conditions-1). It is looked at folded (``CaseFolding``).
struct FoldedText: Sendable {
    /// How many characters (Unicode scalars) of a text are looked at.
    static let longest = 16_384

    let text: String
    let bytes: [UInt8]
    let words: Set<String>

    init(_ original: String) {
        let isShort = original.utf8.count <= Self.longest
        text = Self.fold(isShort ? original : String(Substring(original.unicodeScalars.prefix(Self.longest))))
        bytes = Array(text.utf8)
        var words: Set<String> = []
        for word in bytes.split(whereSeparator: { !Self.isWordByte($0) }) { words.insert(String(decoding: word, as: UTF8.self)) }
        self.words = words
    }

    static func fold(_ text: String) -> String { CaseFolding.fold(text) }

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
    private let search: ByteSearch
    /// What every text that holds this has among its words; nil when this does not begin with a word.
    let firstWord: String?

    init(_ text: String) { self.init(folded: FoldedText.fold(text)) }

    init(folded text: String) {
        search = ByteSearch(text.utf8)
        let word = search.bytes.prefix(while: FoldedText.isWordByte)
        firstWord = word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
    }

    var bytes: [UInt8] { search.bytes }

    /// Whether the text holds this, with a word boundary or an end of the text on both sides. The empty literal is nowhere.
    func occurs(in text: FoldedText, within steps: inout PushSteps) -> Bool {
        if let firstWord, !text.words.contains(firstWord) { return false }
        guard steps.take(text.bytes.count) else { return false }
        let place = search.first(in: text.bytes) { place in
            let (before, after) = (place.lowerBound - 1, place.upperBound)
            if before >= 0, FoldedText.isWordByte(text.bytes[before]) { return false }
            return after == text.bytes.count || !FoldedText.isWordByte(text.bytes[after])
        }
        return place != nil
    }
}

/// Folds texts so that those which people take for the same have the same bytes: whatever their case, however their accents are encoded.
///
/// Canonical caseless matching after [Unicode, 3.13](https://www.unicode.org/versions/latest/core-spec/chapter-3/#G34145): decomposed (NFD),
/// every letter folded in full (`ß` is `ss`), and composed (NFC). A dot above an `i` is dropped once, so that `İ` meets `i`, as those who
/// search for a Turkish name on another keyboard expect; the dotless `ı` stays a letter of its own.
///
/// Takes time and memory in proportion to the text, whatever it is made of. A folded text has at least a third of the text's bytes, and
/// at most three times as many.
public enum CaseFolding {
    public static func fold(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
        var scalars: [UInt32] = []
        scalars.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars { append(scalar.value, to: &scalars) }
        orderMarks(of: &scalars)
        finishFolding(&scalars)
        compose(&scalars)
        var folded = String.UnicodeScalarView()
        for value in scalars { if let scalar = Unicode.Scalar(value) { folded.append(scalar) } }
        return String(folded)
    }

    // MARK: Decomposed and folded

    private static let dotAbove: UInt32 = 0x307
    /// A mark that folds to a letter, but keeps its place among the marks until they are in order.
    private static let iotaBelow: UInt32 = 0x345
    private static let iota: UInt32 = 0x3B9
    /// Below this, no scalar is a mark.
    private static let firstMark: UInt32 = 0x300

    private static func append(_ value: UInt32, to scalars: inout [UInt32]) {
        if value < 0x80 {
            let isCapital = value >= 0x41 && value <= 0x5A
            scalars.append(isCapital ? value + 0x20 : value)
        } else if let syllable = Hangul.Syllable(value) {
            scalars.append(contentsOf: syllable.parts)
        } else if let folded = foldedForms[value] {
            scalars.append(contentsOf: folded)
        } else {
            scalars.append(value)
        }
    }

    private static func markClass(_ value: UInt32) -> UInt8 {
        guard value >= firstMark, let scalar = Unicode.Scalar(value) else { return 0 }
        return scalar.properties.canonicalCombiningClass.rawValue
    }

    /// Brings each run of marks into the order of their classes; those of one class stay as they are.
    private static func orderMarks(of scalars: inout [UInt32]) {
        var start = 0
        while start < scalars.count {
            var end = start
            var last: UInt8 = 0
            var isInOrder = true
            while end < scalars.count, case let markClass = markClass(scalars[end]), markClass > 0 {
                if markClass < last { isInOrder = false }
                last = markClass
                end += 1
            }
            if !isInOrder {
                let byClass = Dictionary(grouping: scalars[start..<end], by: markClass)
                let ordered = byClass.keys.sorted().flatMap { byClass[$0] ?? [] }
                scalars.replaceSubrange(start..<end, with: ordered)
            }
            start = max(end, start + 1)
        }
    }

    private static func finishFolding(_ scalars: inout [UInt32]) {
        var count = 0
        var follows: UInt32 = 0
        for value in scalars {
            let isDotOfI = value == dotAbove && follows == UInt32(UInt8(ascii: "i"))
            follows = value
            if isDotOfI { continue }
            scalars[count] = value == iotaBelow ? iota : value
            count += 1
        }
        scalars.removeLast(scalars.count - count)
    }

    // MARK: Composed

    /// [Canonical composition](https://www.unicode.org/versions/latest/core-spec/chapter-3/#G49607): a letter takes in the marks that are
    /// not kept from it by another of their class.
    private static func compose(_ scalars: inout [UInt32]) {
        var count = 0
        var letter: Int?
        var lastClass: UInt8 = 0
        for value in scalars {
            let markClass = markClass(value)
            let isNext = letter == count - 1
            if let place = letter, isNext || markClass > lastClass, markClass > 0 || isNext,
                let composed = composition(of: scalars[place], value)
            {
                scalars[place] = composed
                continue
            }
            if markClass == 0 { letter = count }
            lastClass = markClass
            scalars[count] = value
            count += 1
        }
        scalars.removeLast(scalars.count - count)
    }

    private static func composition(of first: UInt32, _ second: UInt32) -> UInt32? {
        if second < firstMark { return nil }
        return Hangul.composition(of: first, second) ?? compositions[UInt64(first) << 32 | UInt64(second)]
    }

    // MARK: Tables

    private static let foldedForms: [UInt32: [UInt32]] = {
        var forms: [UInt32: [UInt32]] = [:]
        for entry in numbers(FoldingTables.folded) { forms[entry[0]] = Array(entry.dropFirst()) }
        return forms
    }()

    private static let compositions: [UInt64: UInt32] = {
        var compositions: [UInt64: UInt32] = [:]
        for entry in numbers(FoldingTables.composed) { compositions[UInt64(entry[0]) << 32 | UInt64(entry[1])] = entry[2] }
        return compositions
    }()

    private static func numbers(_ table: String) -> [[UInt32]] {
        table.utf8.split(separator: UInt8(ascii: ";")).map { entry in
            entry.split(separator: UInt8(ascii: " ")).map { digits in
                digits.reduce(0) { $0 << 4 | UInt32($1 <= UInt8(ascii: "9") ? $1 - 0x30 : $1 - 0x61 + 10) }
            }
        }
    }
}

/// Korean syllables, which are made of two or three parts
/// ([by arithmetic](https://www.unicode.org/versions/latest/core-spec/chapter-3/#G59401)).
private enum Hangul {
    private static let syllables: UInt32 = 0xAC00
    private static let (leads, vowels, tails): (UInt32, UInt32, UInt32) = (0x1100, 0x1161, 0x11A7)
    private static let (leadCount, vowelCount, tailCount): (UInt32, UInt32, UInt32) = (19, 21, 28)

    struct Syllable {
        private let index: UInt32

        init?(_ value: UInt32) {
            guard value >= syllables, value < syllables + leadCount * vowelCount * tailCount else { return nil }
            index = value - syllables
        }

        var hasTail: Bool { index % tailCount > 0 }

        var parts: [UInt32] {
            let (lead, rest) = index.quotientAndRemainder(dividingBy: vowelCount * tailCount)
            let parts = [leads + lead, vowels + rest / tailCount]
            return hasTail ? parts + [tails + rest % tailCount] : parts
        }
    }

    static func composition(of first: UInt32, _ second: UInt32) -> UInt32? {
        if first >= leads, first < leads + leadCount, second >= vowels, second < vowels + vowelCount {
            return syllables + ((first - leads) * vowelCount + (second - vowels)) * tailCount
        }
        guard second > tails, second < tails + tailCount, let syllable = Syllable(first), !syllable.hasTail else { return nil }
        return first + (second - tails)
    }
}

import MatrixModel

/// A glob pattern: `*` stands for any characters or none, `?` for one, letters of any case for each other.
///
/// [Glob-style matching](https://spec.matrix.org/v1.16/appendices/#glob-style-matching). What a match costs is bounded by the length of
/// the text, never by how the pattern is built: its characters are bits of one number, so that a pattern with wildcards has at most
/// ``mostCharacters`` beside its `*`, and one without at most ``SearchableText/longest``; a longer one matches nothing. It looks for words in
/// the beginning of a text (``FoldedText``), and matches no longer text as a whole.
public struct Glob: Sendable, Equatable {
    /// Beside `*`, in a pattern that has wildcards.
    public static let mostCharacters = 63

    private let form: Form

    private enum Form: Sendable, Equatable {
        case literal(WordLiteral)
        case wildcards(GlobMachine)
        /// Matches nothing.
        case tooLong
    }

    public init(_ pattern: String) {
        if Self.isTooLong(pattern) {
            form = .tooLong
            return
        }
        guard pattern.utf8.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }) else {
            form = .literal(WordLiteral(pattern))
            return
        }
        form = GlobMachine(FoldedText.fold(pattern)).map { .wildcards($0) } ?? .tooLong
    }

    /// Whether a pattern has more than ``SearchableText/longest`` characters.
    static func isTooLong(_ pattern: String) -> Bool {
        pattern.utf8.count > SearchableText.longest && pattern.unicodeScalars.count > SearchableText.longest
    }

    /// Whether the pattern can match anything at all.
    public var isUsable: Bool { form != .tooLong }

    var hasWildcards: Bool { if case .literal = form { false } else { true } }

    /// Whether the pattern matches the text from end to end.
    func matchesWhole(of text: String, within steps: inout PushSteps) -> Bool {
        switch form {
        // Folding makes no text shorter than a third.
        case .literal(let literal):
            text.utf8.count <= 3 * literal.bytes.count && steps.take(text.utf8.count)
                && FoldedText.fold(text).utf8.elementsEqual(literal.bytes)
        // A character has four bytes at most.
        case .wildcards(let machine):
            text.utf8.count <= 4 * FoldedText.longest && steps.take(text.utf8.count)
                && machine.matchesWhole(of: FoldedText.fold(text))
        case .tooLong: false
        }
    }

    /// Whether the pattern matches a part of the text that begins and ends at a word boundary.
    func matchesWords(in text: FoldedText, within steps: inout PushSteps) -> Bool {
        switch form {
        case .literal(let literal): literal.occurs(in: text, within: &steps)
        case .wildcards(let machine): steps.take(text.bytes.count) && machine.matchesWords(in: text.text)
        case .tooLong: false
        }
    }
}

/// A pattern as a set of states, one bit each: bit n is set while the first n of its characters are matched.
private struct GlobMachine: Sendable, Equatable {
    /// Which states each character leads on from.
    private var steps: [Unicode.Scalar: UInt64] = [:]
    /// The same for ASCII, by its number.
    private var asciiSteps = [UInt64](repeating: 0, count: 128)
    /// States that any character leads on from: `?`.
    private var anySteps: UInt64 = 0
    /// States that any character leaves as they are: `*`.
    private var loops: UInt64 = 0
    private var end: UInt64 = 1

    /// Nil when the pattern is too long. The pattern is folded.
    init?(_ pattern: String) {
        var count = 0
        for scalar in pattern.unicodeScalars {
            let state: UInt64 = 1 << UInt64(count)
            if scalar == "*" {
                loops |= state
                continue
            }
            guard count < Glob.mostCharacters else { return nil }
            if scalar == "?" {
                anySteps |= state
            } else if scalar.isASCII {
                asciiSteps[Int(scalar.value)] |= state
            } else {
                steps[scalar, default: 0] |= state
            }
            count += 1
        }
        end = 1 << UInt64(count)
    }

    private func next(_ states: UInt64, _ scalar: Unicode.Scalar) -> UInt64 {
        let steps = scalar.isASCII ? asciiSteps[Int(scalar.value)] : self.steps[scalar] ?? 0
        return (states & (steps | anySteps)) << 1 | states & loops
    }

    func matchesWhole(of text: String) -> Bool {
        var states: UInt64 = 1
        var count = 0
        for scalar in text.unicodeScalars {
            states = next(states, scalar)
            count += 1
            if states == 0 || count > FoldedText.longest { return false }
        }
        return states & end != 0
    }

    /// A match begins at the start or after a boundary, and ends before a boundary or at the end.
    func matchesWords(in text: String) -> Bool {
        var states: UInt64 = 1
        for scalar in text.unicodeScalars {
            let isBoundary = !FoldedText.isWordScalar(scalar)
            if isBoundary, states & end != 0 { return true }
            states = next(states, scalar)
            if isBoundary { states |= 1 }
        }
        return states & end != 0
    }
}

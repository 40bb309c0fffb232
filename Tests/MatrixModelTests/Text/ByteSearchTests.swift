import MatrixModel
import Testing

@Suite("Searching for bytes")
struct ByteSearchTests {
    @Test("a search agrees with a naive one, in a whole text and in a part of it")
    func naive() {
        var random = SeededGenerator(seed: 11)
        func bytes(_ longest: Int) -> [UInt8] {
            (0..<Int.random(in: 0...longest, using: &random)).map { _ in UInt8.random(in: 97...98, using: &random) }
        }
        for _ in 0..<20_000 {
            let (needle, text) = (bytes(5), bytes(14))
            let start = Int.random(in: 0...text.count, using: &random)
            let part = start..<Int.random(in: start...text.count, using: &random)
            let search = ByteSearch(needle)
            #expect(search.first(in: text) == naive(needle, text, text.indices), "\(needle) \(text)")
            #expect(search.first(in: text, part) == naive(needle, text, part), "\(needle) \(text) \(part)")
        }
    }

    private func naive(_ needle: [UInt8], _ text: [UInt8], _ part: Range<Int>) -> Range<Int>? {
        guard !needle.isEmpty, needle.count <= part.count else { return nil }
        return (part.lowerBound...(part.upperBound - needle.count)).map { $0..<($0 + needle.count) }
            .first { text[$0].elementsEqual(needle) }
    }

    @Test("places overlap, and one that is not wanted does not hide the next")
    func places() {
        var seen: [Range<Int>] = []
        let search = ByteSearch("aba".utf8)
        #expect(
            search.first(in: Array("xababab".utf8)) {
                seen.append($0)
                return false
            } == nil)
        #expect(seen == [1..<4, 3..<6])
        #expect(search.first(in: Array("xababa".utf8)) { $0.lowerBound > 1 } == 3..<6)
    }
}

@Suite("What is searched of a text")
struct SearchableTextTests {
    @Test(
        "255 characters of it, folded",
        arguments: [
            ("", ""), ("Garden", "garden"), ("ÉCOLE", "école"),
            (String(repeating: "A", count: 255), String(repeating: "a", count: 255)),
            (String(repeating: "A", count: 60_000), String(repeating: "a", count: 255)),
            (String(repeating: "É", count: 256), String(repeating: "é", count: 255)),
            // One letter to the eye, with more accents than there is room for.
            ("e" + String(repeating: "\u{301}", count: 60_000), "é" + String(repeating: "\u{301}", count: 254)),
            (String(repeating: "E\u{301}", count: 256), String(repeating: "é", count: 255)),
        ])
    func cut(text: String, searched: String) {
        #expect(SearchableText.folded(text).hasSameBytes(as: searched))
    }
}

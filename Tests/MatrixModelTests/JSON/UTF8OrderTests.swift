import MatrixModel
import Testing

@Suite("Text compared by its bytes")
struct UTF8OrderTests {
    @Test("both comparisons say what comparing byte by byte says, wherever the texts differ and wherever they end")
    func likeByteByByte() {
        let texts = (0...20).flatMap { count -> [String] in
            let common = String(repeating: "k", count: count)
            return ["", "a", "b", "\u{E9}", "e\u{301}", "\u{FFFD}\u{1F375}", "a long tail of it"].map { common + $0 }
        }
        for one in texts {
            for other in texts {
                #expect(one.hasSameBytes(as: other) == one.utf8.elementsEqual(other.utf8), "\(one) \(other)")
                #expect(one.precedesInBytes(other) == one.utf8.lexicographicallyPrecedes(other.utf8), "\(one) \(other)")
            }
        }
    }

    @Test("what Unicode calls equal is not the same text")
    func notCanonicallyEqual() {
        #expect("\u{E9}" == "e\u{301}")
        #expect(!"\u{E9}".hasSameBytes(as: "e\u{301}"))
        #expect("e\u{301}".precedesInBytes("\u{E9}"))
    }
}

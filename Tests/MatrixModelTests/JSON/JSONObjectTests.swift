import MatrixModel
import Testing

@Suite("JSON objects")
struct JSONObjectTests {
    @Test("keys are found by their bytes, so that two spellings of é are two keys")
    func byteKeys() {
        let object: JSONObject = ["\u{E9}": 1, "e\u{301}": 2]
        #expect(object.count == 2)
        #expect(object["\u{E9}"] == 1)
        #expect(object["e\u{301}"] == 2)
        #expect(JSON.string("\u{E9}") != JSON.string("e\u{301}"))
        #expect(object != ["\u{E9}": 2, "e\u{301}": 1])
    }

    @Test("of two values for one key the last stays")
    func lastWins() {
        #expect(JSONObject([("a", 1), ("b", 2), ("a", 3)]) == ["a": 3, "b": 2])
    }

    @Test("keeping and merging name keys and leave the rest alone")
    func keepingAndMerging() {
        let object: JSONObject = ["a": 1, "b": 2, "c": 3]
        #expect(object.keeping(["c", "a", "x"]) == ["a": 1, "c": 3])
        #expect(object.merging(["b": "new", "d": .null]) == ["a": 1, "b": "new", "c": 3, "d": .null])
    }

    @Test("any walk of sets and removals leaves what a dictionary of bytes holds", arguments: 1...20 as ClosedRange<UInt64>)
    func walk(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let keys = ["", "a", "aa", "b", "\u{E9}", "e\u{301}", "\u{FFFF}", "😀", "é", "A"]
        var object = JSONObject()
        var model: [[UInt8]: Int64] = [:]
        for step in 0..<200 {
            let key = keys[Int.random(in: 0..<keys.count, using: &random)]
            let value: Int64? = Bool.random(using: &random) ? Int64(step) : nil
            object[key] = value.map(JSON.integer)
            model[Array(key.utf8)] = value
            let expected = model.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            #expect(object.members.map { Array($0.key.utf8) } == expected.map(\.key), "seed \(seed), step \(step)")
            #expect(object.members.map(\.value.integerValue) == expected.map { $0.value }, "seed \(seed), step \(step)")
        }
    }
}

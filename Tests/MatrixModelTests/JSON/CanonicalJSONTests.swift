import MatrixModel
import Testing

/// The examples of [canonical JSON](https://spec.matrix.org/v1.16/appendices/#canonical-json) and what follows from its grammar.
@Suite("Canonical JSON")
struct CanonicalJSONTests {
    @Test(
        "the spec's examples come out as the spec writes them",
        arguments: [
            (#"{}"#, #"{}"#),
            (#"{ "one": 1, "two": "Two" }"#, #"{"one":1,"two":"Two"}"#),
            (#"{ "b": "2", "a": "1" }"#, #"{"a":"1","b":"2"}"#),
            (#"{"b":"2","a":"1"}"#, #"{"a":"1","b":"2"}"#),
            (
                """
                { "auth": { "success": true, "mxid": "@john.doe:example.com", "profile": { "display_name": "John Doe",
                  "three_pids": [ { "medium": "email", "address": "john.doe@example.org" },
                                  { "medium": "msisdn", "address": "123456789" } ] } } }
                """,
                #"{"auth":{"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe","three_pids":[{"address":"#
                    + #""john.doe@example.org","medium":"email"},{"address":"123456789","medium":"msisdn"}]},"success":true}}"#
            ),
            (#"{ "a": "日本語" }"#, #"{"a":"日本語"}"#),
            (#"{ "本": 2, "日": 1 }"#, #"{"日":1,"本":2}"#),
            (#"{ "a": "\u65E5" }"#, #"{"a":"日"}"#),
            (#"{ "a": null }"#, #"{"a":null}"#),
            (#"{ "a": -0 }"#, #"{"a":0}"#),
        ])
    func specExamples(text: String, canonical: String) throws {
        #expect(String(decoding: try JSON(parsing: text.utf8).bytes, as: UTF8.self) == canonical)
    }

    @Test("a whole number written with an exponent, the last of the spec's examples, is refused, as other homeservers refuse it")
    func exponent() {
        #expect(throws: JSONParseError.unacceptable(.notAnInteger, offset: 20)) {
            try JSON(parsing: #"{ "a": -0, "b": 1e10 }"#.utf8)
        }
    }

    @Test(
        "strings are written with the shortest escapes",
        arguments: [
            ("\"", #""\"""#), ("\\", #""\\""#), ("/", #""/""#), ("\u{8}\u{9}\u{A}\u{C}\u{D}", #""\b\t\n\f\r""#),
            ("\u{0}\u{1}\u{B}\u{1F}", #""\u0000\u0001\u000b\u001f""#),
            ("\u{7F}\u{80}\u{2028}\u{FEFF}\u{FFFF}", "\"\u{7F}\u{80}\u{2028}\u{FEFF}\u{FFFF}\""),
            ("🏃", "\"🏃\""), ("", #""""#), ("a\"b\"", #""a\"b\"""#),
        ])
    func escapes(string: String, written: String) {
        #expect(JSON.string(string).bytes == Array(written.utf8))
    }

    @Test("keys are ordered by code point, not by UTF-16 unit or by collation")
    func keyOrder() {
        let keys = [
            "", "\u{1}", " ", "B", "a", "aa", "b", "\u{7F}", "e\u{301}", "z", "\u{E9}", "\u{FB33}", "\u{FFFF}", "\u{10000}", "😀",
        ].reversed()
        let object = JSONObject(keys.map { ($0, JSON.null) })
        let sorted = keys.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
        #expect(object.keys.elementsEqual(sorted) { $0.hasSameBytes(as: $1) })
    }

    @Test("values are canonical unless a number somewhere in them is not")
    func isCanonical() {
        let largest = JSON.largestInteger
        #expect(JSON.array([.null, true, .integer(largest), .integer(-largest), ["a": [["b": "c"]]]]).isCanonical)
        for number in [JSON.double(1), .integer(largest + 1), .integer(-largest - 1), .integer(.min)] {
            #expect(!number.isCanonical)
            #expect(!JSON.array([["a": [number]]]).isCanonical)
        }
    }
}

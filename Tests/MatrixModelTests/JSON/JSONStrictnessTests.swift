import MatrixModel
import Testing

@Suite("Strict JSON parsing")
struct JSONStrictnessTests {
    @Test(
        "texts that RFC 8259 does not know are malformed, at the byte where it shows",
        arguments: [
            ("", 0), (" ", 1), ("nul", 3), ("nulL", 3), ("True", 0), ("NaN", 0), ("Infinity", 0), ("'a'", 0), ("{a:1}", 1),
            ("{", 1), ("[", 1), ("}", 0), ("]", 0), ("[1,]", 3), ("[,1]", 1), ("[1 2]", 3), ("{\"a\":1,}", 7), ("{,}", 1),
            ("{\"a\"}", 4),
            ("{\"a\":}", 5), ("{\"a\" 1}", 5), ("{1:2}", 1), ("[1}", 2), ("{\"a\":1]", 6), ("1 1", 2), ("{}x", 2),
            ("null\u{0}", 4),
            ("\u{FEFF}{}", 0), ("\u{A0}1", 0), ("1\u{B}", 1), ("// a\n1", 0), ("\"", 1), ("\"a", 2), ("\"a\n\"", 2),
            ("\"\t\"", 1),
            ("\"\\n\u{0}\"", 3), ("\"\u{1F}\"", 1), ("\"\\", 2), ("\"\\x41\"", 2), ("\"\\u12\"", 5), ("\"\\u 041\"", 3),
            ("\"\\u00g0\"", 5), ("\"\\'\"", 2),
            ("-", 1), ("+1", 0), ("01", 1), ("-01", 2), (".5", 0), ("1.", 2), ("1.e1", 2), ("1e", 2), ("1e+", 3), ("0x10", 1),
            ("1_000", 1),
            ("--1", 1), ("\u{661}", 0),
        ])
    func malformed(text: String, offset: Int) {
        #expect(throws: JSONParseError.malformed(offset: offset)) { try JSON(parsing: text.utf8) }
        #expect(throws: JSONParseError.malformed(offset: offset)) { try JSON(parsing: text.utf8, options: .clientRequest) }
    }

    @Test(
        "bytes that are no UTF-8 are malformed inside of a string and outside",
        arguments: [
            [0x80], [0xFF], [0xC3], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xE2, 0x82],
            [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
            [0xF0, 0x9F, 0x8F],
        ] as [[UInt8]])
    func badUTF8(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        for text in [
            bytes, [quote] + bytes + [quote], [quote] + Array("\\n".utf8) + bytes + [quote],
            Array("{\"".utf8) + bytes + Array("\":1}".utf8),
        ] {
            #expect { try JSON(parsing: text) } throws: { error in
                if case .malformed? = error as? JSONParseError { true } else { false }
            }
        }
    }

    @Test(
        "a key that comes twice is refused, however it is escaped and wherever the two stand",
        arguments: [
            #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"a":3}"#, #"{"b":1,"a":2,"b":3}"#, #"{"a":1,"\u0061":2}"#, #"[{"x":{"":1,"":2}}]"#,
            #"{"\u00e9":1,"é":2}"#,
        ])
    func duplicateKeys(text: String) {
        #expect { try JSON(parsing: text.utf8) } throws: { error in
            if case .unacceptable(.duplicateKey, _)? = error as? JSONParseError { true } else { false }
        }
    }

    @Test("keys that are equal only after normalisation are two keys")
    func normalisedKeys() throws {
        let object = try #require(try JSON(parsing: "{\"e\u{301}\":2,\"\u{E9}\":1}".utf8).objectValue)
        #expect(object["\u{E9}"] == 1)
        #expect(object["e\u{301}"] == 2)
    }

    @Test(
        "a surrogate without its partner is refused",
        arguments: [
            #""\ud800""#, #""\udc00""#, #""\ud83c""#, #""\ud83cx""#, #""\ud83c\n""#, #""\ud83c\ud83c""#, #""\udfc3\ud83c""#,
            #""\ud83c\u0041""#,
            #"{"\ud800":1}"#, #""\ud83c\"#, #""\ud83c\u"#,
        ])
    func loneSurrogates(text: String) {
        #expect { try JSON(parsing: text.utf8) } throws: { error in
            switch error as? JSONParseError {
            case .unacceptable(.loneSurrogate, _)?: true
            case .malformed?: text.hasSuffix("\\u")
            default: false
            }
        }
    }

    @Test(
        "escapes stand for their characters",
        arguments: [
            (#""\ud83c\udfc3""#, "🏃"), (#""\uD83C\uDFC3!""#, "🏃!"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u00e9""#, "\u{E9}"),
            (#""e\u0301""#, "e\u{301}"), (#""\uffff\ud7ff\ue000""#, "\u{FFFF}\u{D7FF}\u{E000}"),
            (#""\udbff\udfff""#, "\u{10FFFF}"), ("\"\u{7F}\"", "\u{7F}"),
        ])
    func escapes(text: String, string: String) throws {
        #expect(try JSON(parsing: text.utf8) == .string(string))
    }

    @Test("U+0000 is for those who allow it")
    func nul() throws {
        let text = #"{"a\u0000b":1}"#
        #expect(try JSON(parsing: text.utf8) == .object(["a\u{0}b": 1]))
        #expect(throws: JSONParseError.unacceptable(.nulCharacter, offset: 9)) {
            try JSON(parsing: text.utf8, options: .clientRequest)
        }
    }

    @Test(
        "integers reach to 2^53 - 1 on both sides",
        arguments: [
            ("0", 0), ("-0", 0), ("1", 1), ("-1", -1), ("9007199254740991", 9_007_199_254_740_991),
            ("-9007199254740991", -9_007_199_254_740_991),
        ] as [(String, Int64)])
    func integers(text: String, value: Int64) throws {
        #expect(try JSON(parsing: text.utf8) == .integer(value))
        #expect(try JSON(parsing: text.utf8, options: .clientRequest) == .integer(value))
    }

    @Test(
        "numbers beyond that are refused in events and doubles elsewhere",
        arguments: [
            ("9007199254740992", .outOfRange, 9_007_199_254_740_992), ("-9007199254740992", .outOfRange, -9_007_199_254_740_992),
            ("9223372036854775808", .outOfRange, 9_223_372_036_854_775_808), ("1.0", .notAnInteger, 1),
            ("-0.0", .notAnInteger, -0.0),
            ("1e10", .notAnInteger, 1e10), ("1E+2", .notAnInteger, 100), ("25e-1", .notAnInteger, 2.5),
            ("0.1", .notAnInteger, 0.1),
            ("1e-400", .notAnInteger, 0),
        ] as [(String, JSONParseError.Reason, Double)])
    func otherNumbers(text: String, reason: JSONParseError.Reason, value: Double) throws {
        #expect(throws: JSONParseError.unacceptable(reason, offset: text.utf8.count)) { try JSON(parsing: text.utf8) }
        #expect(try JSON(parsing: text.utf8, options: .clientRequest) == .double(value))
    }

    @Test(
        "a number that no double holds is refused everywhere", arguments: ["1e400", "-1e400", String(repeating: "9", count: 400)])
    func infinite(text: String) {
        #expect(throws: JSONParseError.unacceptable(.outOfRange, offset: text.utf8.count)) {
            try JSON(parsing: text.utf8, options: .clientRequest)
        }
    }

    @Test(
        "doubles are written as JSON that reads back as the same double",
        arguments: [0.1, 1e300, -2.5e-7, .leastNonzeroMagnitude, 1e16, 123_456_789.125])
    func doubles(value: Double) throws {
        #expect(try JSON(parsing: JSON.double(value).bytes, options: .clientRequest) == .double(value))
    }

    @Test("nesting ends at the limit, for arrays, for objects and for both in turn")
    func depth() throws {
        let options = JSONParseOptions(allowsAnyNumber: false, allowsNUL: true, maximumDepth: 3)
        for text in ["[[[]]]", #"{"a":{"a":{"a":1}}}"#, #"[{"a":[1]},[[]]]"#] {
            #expect(throws: Never.self) { try JSON(parsing: text.utf8, options: options) }
        }
        for (text, offset) in [("[[[[]]]]", 3), (#"{"a":{"a":{"a":{}}}}"#, 15), (#"[{"a":[{}]}]"#, 7)] {
            #expect(throws: JSONParseError.unacceptable(.tooDeep, offset: offset)) {
                try JSON(parsing: text.utf8, options: options)
            }
        }
    }

    @Test("a million brackets are refused without a stack overflow")
    func bombs() {
        for unit in ["[", "{\"a\":"] {
            let text = String(repeating: unit, count: 1_000_000)
            #expect { try JSON(parsing: text.utf8) } throws: { error in
                if case .unacceptable(.tooDeep, _)? = error as? JSONParseError { true } else { false }
            }
        }
    }

    @Test("white space is the four characters of the grammar, wherever a token may begin")
    func whitespace() throws {
        let blank = " \t\n\r"
        let text = [
            blank, "{", blank, "\"a\"", blank, ":", blank, "[", blank, "1", blank, ",", blank, "2", blank, "]", blank, "}", blank,
        ].joined()
        #expect(try JSON(parsing: text.utf8) == .object(["a": [1, 2]]))
        #expect(try JSON(parsing: "[ ]".utf8) == [])
        #expect(try JSON(parsing: "{ }".utf8) == .object([:]))
    }
}

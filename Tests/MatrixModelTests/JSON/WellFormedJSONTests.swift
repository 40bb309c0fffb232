import Testing

@testable import MatrixModel

@Suite("Well-formed JSON objects")
struct WellFormedJSONTests {
    private static func isObject(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBufferPointer(\.isJSONObject) }

    @Test(
        "an object of canonical JSON is one",
        arguments: [
            "{}", #"{"a":1}"#, #"{"a":[],"b":[1,-2,0],"c":{"d":null,"e":true,"f":false}}"#, #"{"a":"\"\\\b\u001f é € 😀"}"#,
            #"{"a":1.5e-7,"b":[[[{}]]]}"#,
        ])
    func objects(_ text: String) { #expect(Self.isObject(Array(text.utf8))) }

    @Test(
        "everything else is none",
        arguments: [
            "", "[]", "5", "null", #""{}""#, "{", "}", "{}}", "{}{}", "{ }", #"{"a":}"#, #"{"a"}"#, #"{"a":1,}"#, #"{,"a":1}"#,
            #"{"a":1 }"#, #"{a:1}"#, #"{"a":[1,]}"#, #"{"a":[1}"#, #"{"a":"x}"#, #"{"a":"\x"}"#, #"{"a":"\u12g4"}"#,
            "{\"a\":\"\u{1}\"}", #"{"a":nul}"#, #"{"a":-}"#, #"{"a":01}"#, #"{"a":1.}"#, #"{"a":1e}"#, #"{"a":+1}"#,
        ])
    func others(_ text: String) { #expect(!Self.isObject(Array(text.utf8))) }

    @Test("bytes that are no UTF-8 make no object")
    func encoding() {
        let wrong: [[UInt8]] = [
            [0x80], [0xC0, 0xAF], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF],
            [0xE2, 0x82],
        ]
        for bytes in wrong { #expect(!Self.isObject(Array("{\"a\":\"".utf8) + bytes + Array("\"}".utf8)), "\(bytes)") }
    }

    @Test("it nests as deep as what is stored, and no deeper")
    func depth() {
        func nested(_ depth: Int) -> [UInt8] {
            Array("{\"a\":".utf8) + Array(repeating: UInt8(ascii: "["), count: depth - 1)
                + Array(repeating: UInt8(ascii: "]"), count: depth - 1) + Array("}".utf8)
        }
        #expect(Self.isObject(nested(JSONParseOptions.storedDepth)))
        #expect(!Self.isObject(nested(JSONParseOptions.storedDepth + 1)))
        #expect(!Self.isObject(nested(1_000_000)))
    }

    @Test("no damage passes that the parser would call malformed")
    func damages() {
        var random = SeededGenerator(seed: 7)
        let whole = Array(
            #"{"auth":["a","b"],"content":{"body":"tea \u00e9 é 😀","n":[1,-2,{"x":null}],"t":true},"z":"\\\""}"#.utf8)
        #expect(Self.isObject(whole))
        for length in 0..<whole.count { #expect(!Self.isObject(Array(whole.prefix(length)))) }
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard Self.isObject(bytes) else { continue }
            do throws(JSONParseError) {
                _ = try JSON(parsing: bytes, options: .stored)
            } catch {
                if case .malformed = error { Issue.record("\(String(decoding: bytes, as: UTF8.self)): \(error)") }
            }
        }
    }
}

@Suite("Depth")
struct DepthTests {
    @Test("a value nests as deep as its deepest list or object")
    func depth() {
        #expect(!JSON.integer(1).nests(deeperThan: 0))
        let value: JSON = ["a": [["b": []], 1], "c": "d"]
        #expect(value.nests(deeperThan: 3))
        #expect(!value.nests(deeperThan: 4))
    }

    @Test("a request nests 64 deep; what is stored is read back far deeper")
    func options() {
        func parses(_ depth: Int, _ options: JSONParseOptions) -> Bool {
            let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            do throws(JSONParseError) {
                _ = try JSON(parsing: text.utf8, options: options)
                return true
            } catch {
                #expect(error == .unacceptable(.tooDeep, offset: options.maximumDepth))
                return false
            }
        }
        #expect(parses(64, .clientRequest) && !parses(65, .clientRequest))
        #expect(parses(256, .stored) && !parses(257, .stored) && parses(256, .canonical))
    }
}

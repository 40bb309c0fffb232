import MatrixModel
import Testing

@Suite("One member cut out of canonical JSON")
struct CanonicalMemberTests {
    private static let object: JSONObject = [
        "a": ["}", "\"", "\\", "\\\""], "brackets": ["content": "]}{[,", "deep": [["content": 1], []]], "content": ["n": -7],
        "empty": [:], "flag": true, "last": "}", "m": .null, "number": 12, "text": "say \"content\":{} \\",
    ]

    @Test("the bytes of every member are found, whatever stands in the others")
    func everyMember() throws {
        let bytes = Self.object.bytes
        #expect(Self.value("a", in: bytes) == Self.object["a"]?.bytes)
        #expect(Self.value("brackets", in: bytes) == Self.object["brackets"]?.bytes)
        #expect(Self.value("content", in: bytes) == Self.object["content"]?.bytes)
        #expect(Self.value("empty", in: bytes) == Self.object["empty"]?.bytes)
        #expect(Self.value("flag", in: bytes) == Self.object["flag"]?.bytes)
        #expect(Self.value("last", in: bytes) == Self.object["last"]?.bytes)
        #expect(Self.value("m", in: bytes) == Self.object["m"]?.bytes)
        #expect(Self.value("number", in: bytes) == Self.object["number"]?.bytes)
        #expect(Self.value("text", in: bytes) == Self.object["text"]?.bytes)
    }

    @Test("a key that is missing, longer, or only in an inner object is not found")
    func missing() {
        for key in ["n", "conten", "contents", "deep", ""] as [StaticString] {
            #expect(Self.value(key, in: Self.object.bytes) == nil)
        }
        #expect(Self.value("content", in: JSONObject().bytes) == nil)
        #expect(Self.value("content", in: []) == nil)
    }

    @Test("bytes that break off are never read beyond their end")
    func brokenOff() {
        let bytes = Self.object.bytes
        for count in 0..<bytes.count {
            for key in ["content", "text", "zzz"] as [StaticString] {
                #expect((Self.value(key, in: Array(bytes.prefix(count)))?.count ?? 0) <= count)
            }
        }
    }

    private static func value(_ key: StaticString, in bytes: [UInt8]) -> [UInt8]? {
        bytes.withUnsafeBufferPointer { buffer in buffer.canonicalMember(key).map { Array(buffer[$0]) } }
    }
}

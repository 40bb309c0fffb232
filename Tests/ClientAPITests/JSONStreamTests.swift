import MatrixModel
import Testing

@testable import ClientAPI

struct JSONStreamTests {
    @Test("commas stand where they belong, in empty and in nested values")
    func commas() {
        let bytes = JSONStream.object { stream in
            stream.member("a", [])
            stream.member("b") { _ in }
            stream.member("c", array: [1, 2, 3] as [Int64]) { $0.value(.integer($1)) }
            stream.member("d") { stream in
                stream.member("x{", "y[:")
                stream.member("z", array: ["", "{"]) { stream, key in stream.object { $0.member(key, .null) } }
            }
            stream.member("e", array: [Int]()) { _, _ in }
        }
        let expected = #"{"a":[],"b":{},"c":[1,2,3],"d":{"x{":"y[:","z":[{"":null},{"{":null}]},"e":[]}"#
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test("a tree written piece by piece is the tree's own canonical form")
    func walk() {
        let seed: UInt64 = .random(in: .min ... .max)
        var generator = WalkGenerator(seed: seed)
        for _ in 0..<500 {
            let tree = Self.tree(depth: 4, using: &generator)
            var stream = JSONStream()
            Self.write(tree, to: &stream)
            #expect(stream.bytes == tree.bytes, "seed \(seed)")
        }
    }

    private static func tree(depth: Int, using generator: inout WalkGenerator) -> JSON {
        switch Int.random(in: 0..<(depth == 0 ? 5 : 7), using: &generator) {
        case 0: .null
        case 1: .bool(true)
        case 2: .integer(Int64.random(in: -1000...1000, using: &generator))
        case 3: .string(["", "{", "[", ":", ",", "\"", "é\n"].randomElement(using: &generator) ?? "")
        case 4: .string("plain")
        case 5: .array((0..<Int.random(in: 0...3, using: &generator)).map { _ in tree(depth: depth - 1, using: &generator) })
        default:
            .object(
                JSONObject(
                    (0..<Int.random(in: 0...3, using: &generator)).map { ("k\($0)", tree(depth: depth - 1, using: &generator)) }))
        }
    }

    private static func write(_ tree: JSON, to stream: inout JSONStream) {
        switch tree {
        case .array(let values): stream.array(values) { write($1, to: &$0) }
        case .object(let object):
            stream.object { stream in
                for member in object.members {
                    switch member.value {
                    case .array(let values): stream.member(member.key, array: values) { write($1, to: &$0) }
                    case .object(let inner):
                        stream.member(member.key) { inside in
                            for leaf in inner.members { inside.member(leaf.key, leaf.value) }
                        }
                    case let plain: stream.member(member.key, plain)
                    }
                }
            }
        case let plain: stream.value(plain)
        }
    }
}

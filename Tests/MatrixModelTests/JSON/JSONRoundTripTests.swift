import MatrixModel
import Testing

@Suite("JSON round trips")
struct JSONRoundTripTests {
    @Test("a written value parses back to itself, and its bytes to themselves", arguments: 1...50 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            let value = Self.value(depth: 0, using: &random)
            let bytes = value.bytes
            let parsed = try JSON(parsing: bytes)
            #expect(parsed == value, "seed \(seed)")
            #expect(parsed.bytes == bytes, "seed \(seed)")
        }
    }

    @Test("no damaged text traps, and what still parses writes itself stably", arguments: 1...50 as ClosedRange<UInt64>)
    func damaged(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            var bytes = Self.value(depth: 0, using: &random).bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = .random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(Array("{}[]\",:\\u0ed8-.e".utf8).randomElement(using: &random) ?? 0, at: index)
                default: bytes.removeSubrange(index...)
                }
            }
            for options in [JSONParseOptions.canonical, .clientRequest] {
                do throws(JSONParseError) {
                    let written = try JSON(parsing: bytes, options: options).bytes
                    #expect(try JSON(parsing: written, options: options).bytes == written, "seed \(seed), \(bytes)")
                } catch {
                    continue
                }
            }
        }
    }

    private static func value(depth: Int, using random: inout SeededGenerator) -> JSON {
        switch Int.random(in: 0..<(depth < 5 ? 8 : 5), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .integer(.random(in: -JSON.largestInteger...JSON.largestInteger, using: &random))
        case 3: return .integer(.random(in: -9...9, using: &random))
        case 4: return .string(string(using: &random))
        case 5: return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth + 1, using: &random) })
        default:
            let pairs = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                (string(using: &random), value(depth: depth + 1, using: &random))
            }
            return .object(JSONObject(pairs))
        }
    }

    private static func string(using random: inout SeededGenerator) -> String {
        let ranges: [ClosedRange<UInt32>] = [
            0x00...0x7F, 0x20...0x7E, 0x80...0x7FF, 0x300...0x36F, 0x800...0xD7FF, 0xE000...0xFFFF, 0x10000...0x10FFFF,
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let range = ranges[Int.random(in: 0..<ranges.count, using: &random)]
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) { text.append(scalar) }
        }
        return String(text)
    }
}

import HTTPTypes
import Testing

@testable import ClientAPI

struct RouteTableTests {
    private static func table() -> RouteTable<Int> {
        var table = RouteTable<Int>()
        table.add(1, method: "GET", pattern: "/a/b")
        table.add(2, method: "GET", pattern: "/a/:x")
        table.add(3, method: "PUT", pattern: "/a/:x/state/:type")
        table.add(4, method: "PUT", pattern: "/a/:x/state/:type/:key")
        table.add(5, method: "DELETE", pattern: "/a/b/c")
        return table
    }

    private func describe(_ match: RouteTable<Int>.Match) -> String {
        switch match {
        case .unknownPath: "unknown"
        case .wrongMethod(let served): "not \(served.joined(separator: " "))"
        case .found(let value, _, let parameters):
            "\(value)" + parameters.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        }
    }

    @Test(
        "the most literal pattern serves a path, and captures keep what was encoded in them",
        arguments: [
            ("GET", "/a/b", "1"), ("GET", "/a/b/", "1"), ("GET", "/a/x", "2 x=x"), ("GET", "/a/%2F", "2 x=/"),
            ("GET", "/a/b%2Fc", "2 x=b/c"), ("GET", "/%61/b", "1"), ("GET", "/a/a+b", "2 x=a+b"), ("GET", "/a/%2541", "2 x=%41"),
            ("PUT", "/a/!r:s/state/m.x", "3 type=m.x x=!r:s"), ("PUT", "/a/!r:s/state/m.x/", "3 type=m.x x=!r:s"),
            ("PUT", "/a/!r:s/state/m.x/k%2F", "4 key=k/ type=m.x x=!r:s"), ("PUT", "/a/b/state/m.x", "3 type=m.x x=b"),
            ("PUT", "/a/%23al%3As/state/%F0%9F%8F%83", "3 type=🏃 x=#al:s"), ("PUT", "/a//state/t", "3 type=t x="),
            ("DELETE", "/a/b", "not GET"), ("GET", "/a/b/c", "not DELETE"), ("GET", "/a/x/c", "unknown"),
            ("GET", "/a", "unknown"), ("GET", "/", "unknown"), ("GET", "", "unknown"), ("GET", "/A/b", "unknown"),
            ("PUT", "/a/r/state/t/k/more", "unknown"), ("GET", "/a/b//", "unknown"),
        ])
    func matches(method: String, path: String, expected: String) throws {
        let target = try RequestTarget(path: path)
        #expect(describe(Self.table().match(method: method, path: target.path)) == expected)
    }

    @Test(
        "a path that is not percent-encoded UTF-8 is refused",
        arguments: ["/%", "/a/%4", "/a/%zz", "/a/%C3", "/a/%ED%A0%80", "/a/%00", "/%FF/b", "/a/%+1"])
    func refuses(path: String) {
        #expect(throws: ClientFailure.self) { try RequestTarget(path: path) }
    }

    @Test("no two endpoints serve the same method and path")
    func endpoints() {
        var table = RouteTable<any Endpoint.Type>()
        for endpoint in Endpoints.all {
            for path in endpoint.paths { table.add(endpoint, method: endpoint.method.rawValue, pattern: path) }
        }
        #expect(table.count > 100)
    }

    @Test("what was encoded once comes back whole when it is decoded once")
    func roundTrip() {
        let seed: UInt64 = .random(in: .min ... .max)
        var generator = WalkGenerator(seed: seed)
        let letters = Array("aé/%+ #:!@🏃\u{301}\u{7F}~".unicodeScalars)
        for _ in 0..<2_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...8, using: &generator) {
                text.append(letters[Int.random(in: 0..<letters.count, using: &generator)])
            }
            let expected = String(text)
            var encoded = ""
            for byte in expected.utf8 {
                let digits = String(byte, radix: 16, uppercase: Bool.random(using: &generator))
                encoded += "%" + (digits.count == 1 ? "0" : "") + digits
            }
            for plusIsSpace in [true, false] {
                let decoded = PercentDecoding.decode(Substring(encoded).utf8, plusIsSpace: plusIsSpace)
                #expect(decoded.map { Array($0.utf8) } == Array(expected.utf8), "seed \(seed)")
            }
        }
    }
}

/// Repeats the same walk for the same seed.
struct WalkGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// The address of a server's client-server API: scheme, host and port, without a slash at its end.
public struct ServerURL: Sendable, Equatable, CustomStringConvertible {
    public let description: String

    /// Takes `https://example.org/`, `http://127.0.0.1:8008`, and `example.org`, which means https unless it is this machine.
    ///
    /// Nil for what holds a user, a query, a fragment or anything else that a base address cannot have.
    public init?(_ text: String) {
        var rest = text[...]
        let scheme: String
        if let separator = rest.firstRange(of: "://") {
            scheme = rest[..<separator.lowerBound].lowercased()
            rest = rest[separator.upperBound...]
        } else {
            let host = rest.prefix { $0 != ":" && $0 != "/" }.lowercased()
            scheme = host == "localhost" || host.hasPrefix("127.") || rest.hasPrefix("[::1]") ? "http" : "https"
        }
        while rest.last == "/" { rest.removeLast() }
        guard scheme == "http" || scheme == "https", !rest.isEmpty, rest.first != "/" else { return nil }
        let allowed = rest.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: Array("-._~:/[]%".utf8).contains(byte)
            }
        }
        guard allowed else { return nil }
        description = "\(scheme)://\(rest)"
    }
}

/// A path of the client-server API in which every interpolated value is one percent-encoded component.
///
/// A path that does not begin with `/_` is below `/_matrix/client/v3`.
public struct APIPath: Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    public let description: String

    public init(stringLiteral value: String) { description = Self.absolute(value) }
    public init(stringInterpolation: StringInterpolation) { description = Self.absolute(stringInterpolation.path) }

    /// The one path that is not below `/_matrix`.
    static let wellKnown = APIPath(absolute: "/.well-known/matrix/client")

    private init(absolute path: String) { description = path }

    private static func absolute(_ path: String) -> String { path.hasPrefix("/_") ? path : "/_matrix/client/v3" + path }

    public struct StringInterpolation: StringInterpolationProtocol {
        var path = ""

        public init(literalCapacity: Int, interpolationCount: Int) {}
        public mutating func appendLiteral(_ literal: String) { path += literal }
        public mutating func appendInterpolation(_ component: some CustomStringConvertible) {
            path += PercentEncoding.encoded(component.description)
        }
    }
}

/// [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2.1).
enum PercentEncoding {
    /// Every byte but the unreserved ones as `%XX`.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.append(byte)
            default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}

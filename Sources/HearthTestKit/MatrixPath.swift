/// A request's path in which every interpolated value is one percent-encoded component: `"/rooms/\(roomID)/state/\(type)/\(key)"`.
///
/// Paths that begin with neither `/_` nor `/.` are taken to be below `/_matrix/client/v3`.
public struct MatrixPath: Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    public let description: String

    public init(stringLiteral value: String) { description = Self.absolute(value) }
    public init(stringInterpolation: StringInterpolation) { description = Self.absolute(stringInterpolation.path) }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/_") || path.hasPrefix("/.") ? path : "/_matrix/client/v3" + path
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        var path = ""

        public init(literalCapacity: Int, interpolationCount: Int) {}

        public mutating func appendLiteral(_ literal: String) { path += literal }
        public mutating func appendInterpolation(_ component: some CustomStringConvertible) {
            path += component.description.percentEncoded
        }
        /// Inserts text that is a part of a path already.
        public mutating func appendInterpolation(raw part: String) { path += part }
    }
}

extension String {
    /// Every byte but the unreserved ones of RFC 3986 as `%XX`.
    var percentEncoded: String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.append(byte)
            default:
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}

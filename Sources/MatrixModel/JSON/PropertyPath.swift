/// The way to a property of an event, such as `content.m\.mentions.room`.
///
/// [Dot-separated property paths](https://spec.matrix.org/v1.16/appendices/#dot-separated-property-paths): a dot inside of a key is
/// written `\.`, a backslash `\\`; any other backslash is itself.
public struct PropertyPath: Sendable, Equatable {
    public let keys: [String]

    public init(_ text: String) {
        var keys: [[UInt8]] = [[]]
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "."): keys.append([])
            case UInt8(ascii: "\\"):
                if let next = bytes.first, next == UInt8(ascii: ".") || next == UInt8(ascii: "\\") {
                    keys[keys.count - 1].append(next)
                    bytes.removeFirst()
                } else {
                    keys[keys.count - 1].append(byte)
                }
            default: keys[keys.count - 1].append(byte)
            }
        }
        self.keys = keys.map { String(decoding: $0, as: UTF8.self) }
    }
}

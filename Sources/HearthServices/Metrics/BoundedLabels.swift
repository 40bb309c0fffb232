/// Values of one label, no more different ones than a capacity: all later ones are `other`. Pure.
struct BoundedLabels: Sendable {
    static let others = "other"

    let capacity: Int
    private var known: Set<String> = []

    init(capacity: Int) { self.capacity = capacity }

    mutating func label(of value: String) -> String {
        if known.contains(value) { return value }
        guard known.count < capacity else { return Self.others }
        known.insert(value)
        return value
    }
}

/// A client's name without its version: what of a `User-Agent` is worth a label of its own.
enum ClientFamily {
    static let longest = 32

    /// The product's name: `Element/1.11.2 (...)` and `Element/1.12` are both `Element`. Printable ASCII; `unknown` where there is none.
    static func name(of client: String) -> String {
        let product = client.utf8.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: " ") }.prefix(longest)
        let name = product.map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        return name.isEmpty ? LegacyUseTable.unnamed : String(decoding: name, as: UTF8.self)
    }
}

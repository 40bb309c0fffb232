public import MatrixModel

/// The types of events that a filter names, and the patterns in which `*` stands for any text; made ready once, for many events.
///
/// Of patterns with a star the first ``EventFilter/mostEntries`` count: filters from before there was that bound may have more. What a look
/// costs goes with the length of the event's type, which has 255 bytes at most, and with their number.
public struct TypePatterns: Sendable, Equatable, ExpressibleByArrayLiteral {
    private var exact: Set<EventType> = []
    private var globs: [TypeGlob] = []
    /// Whether patterns with a star were left out.
    private(set) var isCut = false

    public init(_ patterns: [String]) {
        for pattern in patterns {
            guard pattern.utf8.contains(UInt8(ascii: "*")) else {
                exact.insert(EventType(pattern))
                continue
            }
            isCut = globs.count == EventFilter.mostEntries
            if isCut { continue }
            globs.append(TypeGlob(pattern))
        }
    }

    public init(arrayLiteral patterns: String...) { self.init(patterns) }

    public var isEmpty: Bool { exact.isEmpty && globs.isEmpty }

    /// Whether one of them is, or fits, the type.
    public func contain(_ type: EventType) -> Bool {
        if exact.contains(type) { return true }
        if globs.isEmpty { return false }
        let bytes = Array(type.rawValue.utf8)
        return globs.contains { $0.matches(bytes) }
    }
}

/// One pattern with stars: what a type begins with, what it ends with, and what comes in between, in this order.
private struct TypeGlob: Sendable, Equatable {
    private let first: [UInt8]
    private let between: [ByteSearch]
    private let last: [UInt8]
    private let length: Int

    init(_ pattern: String) {
        var parts = pattern.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map { Array($0) }
        last = parts.removeLast()
        first = parts.removeFirst()
        between = parts.filter { !$0.isEmpty }.map { ByteSearch($0) }
        length = between.reduce(first.count + last.count) { $0 + $1.bytes.count }
    }

    func matches(_ type: [UInt8]) -> Bool {
        guard type.count >= length, type.starts(with: first), type.suffix(last.count).elementsEqual(last) else { return false }
        var rest = first.count..<(type.count - last.count)
        for part in between {
            guard let place = part.first(in: type, rest) else { return false }
            rest = place.upperBound..<rest.upperBound
        }
        return true
    }
}

/// A JSON value that compares by bytes and writes itself as canonical JSON.
///
/// Numbers keep the two kinds that Matrix tells apart: integers within ±(2^53 - 1), which events may hold, and all others, which
/// only data outside of events (such as account data) may hold. [Canonical JSON](https://spec.matrix.org/v1.16/appendices/#canonical-json).
public enum JSON: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// A number that canonical JSON does not allow. Finite.
    case double(Double)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

extension JSON: Equatable {
    /// Values are equal when their canonical forms are the same bytes.
    public static func == (lhs: JSON, rhs: JSON) -> Bool {
        switch (lhs, rhs) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
        case (.string(let a), .string(let b)): a.hasSameBytes(as: b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }
}

extension JSON {
    public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
    public var integerValue: Int64? { if case .integer(let value) = self { value } else { nil } }
    public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var arrayValue: [JSON]? { if case .array(let value) = self { value } else { nil } }
    public var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }
    public var isNull: Bool { if case .null = self { true } else { false } }

    /// The largest magnitude that canonical JSON allows for a number: 2^53 - 1.
    public static let largestInteger: Int64 = 9_007_199_254_740_991

    /// Whether every number in here is an integer that canonical JSON allows.
    public var isCanonical: Bool {
        switch self {
        case .null, .bool, .string: true
        case .integer(let value): (-Self.largestInteger...Self.largestInteger).contains(value)
        case .double: false
        case .array(let values): values.allSatisfy(\.isCanonical)
        case .object(let object): object.members.allSatisfy(\.value.isCanonical)
        }
    }
}

extension JSON {
    /// Whether arrays and objects in here nest deeper than so many levels.
    public func nests(deeperThan depth: Int) -> Bool {
        switch self {
        case .null, .bool, .integer, .double, .string: false
        case .array(let values): depth < 1 || values.contains { $0.nests(deeperThan: depth - 1) }
        case .object(let object): depth < 1 || object.members.contains { $0.value.nests(deeperThan: depth - 1) }
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(JSONObject(elements)) }
}

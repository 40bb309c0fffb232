import Foundation
import MatrixModel
import RoomRules

/// A value as the database holds it. Hearth stores whole numbers, texts and bytes; whatever else stands in a column was damaged, or written
/// by another program.
enum DatabaseValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob(Data)

    var isNull: Bool { self == .null }
}

/// A type whose values stand in columns and in the arguments of statements.
protocol DatabaseValueConvertible {
    var storedValue: DatabaseValue { get }

    /// Nil for what stands for none of the type's values: NULL, another storage class, or a value that Hearth never writes.
    static func fromStored(_ value: DatabaseValue) -> Self?
}

extension DatabaseValue: DatabaseValueConvertible {
    var storedValue: DatabaseValue { self }
    static func fromStored(_ value: DatabaseValue) -> Self? { value }
}

extension Int64: DatabaseValueConvertible {
    /// No number that Hearth stores is larger, and none is less than its negative: positions, times, sizes, and integers in JSON. So what is
    /// calculated with them does not overflow, whatever stands in the database.
    static let storable: ClosedRange<Int64> = -9_007_199_254_740_992...9_007_199_254_740_992

    var storedValue: DatabaseValue { .integer(self) }

    static func fromStored(_ value: DatabaseValue) -> Int64? {
        guard case .integer(let number) = value, storable.contains(number) else { return nil }
        return number
    }
}

extension Int: DatabaseValueConvertible {
    var storedValue: DatabaseValue { .integer(Int64(self)) }
    static func fromStored(_ value: DatabaseValue) -> Int? { Int64.fromStored(value).map { Int($0) } }
}

extension Bool: DatabaseValueConvertible {
    var storedValue: DatabaseValue { .integer(self ? 1 : 0) }
    static func fromStored(_ value: DatabaseValue) -> Bool? { Int64.fromStored(value).map { $0 != 0 } }
}

extension String: DatabaseValueConvertible {
    var storedValue: DatabaseValue { .text(self) }

    static func fromStored(_ value: DatabaseValue) -> String? {
        guard case .text(let text) = value else { return nil }
        return text
    }
}

extension Data: DatabaseValueConvertible {
    var storedValue: DatabaseValue { .blob(self) }

    static func fromStored(_ value: DatabaseValue) -> Data? {
        guard case .blob(let bytes) = value else { return nil }
        return bytes
    }
}

// MARK: Words of the protocol

extension DatabaseValueConvertible where Self: RawRepresentable, RawValue: DatabaseValueConvertible {
    var storedValue: DatabaseValue { rawValue.storedValue }
    static func fromStored(_ value: DatabaseValue) -> Self? {
        RawValue.fromStored(value).flatMap { Self(rawValue: $0) }
    }
}

extension DatabaseValueConvertible where Self: MatrixIdentifier {
    var storedValue: DatabaseValue { .text(rawValue) }
    static func fromStored(_ value: DatabaseValue) -> Self? { String.fromStored(value).flatMap { Self($0) } }
}

extension UserID: DatabaseValueConvertible {}
extension RoomID: DatabaseValueConvertible {}
extension EventID: DatabaseValueConvertible {}
extension DeviceID: DatabaseValueConvertible {}
extension RoomAlias: DatabaseValueConvertible {}
extension Membership: DatabaseValueConvertible {}
extension Receipt.Kind: DatabaseValueConvertible {}
extension NoticeLevel: DatabaseValueConvertible {}
extension RoomVersion: DatabaseValueConvertible {}
extension CrossSigningUsage: DatabaseValueConvertible {}
extension StoredChoice.Kind: DatabaseValueConvertible {}
extension PeekEndReason: DatabaseValueConvertible {}

extension EventType: DatabaseValueConvertible {
    var storedValue: DatabaseValue { .text(rawValue) }
    static func fromStored(_ value: DatabaseValue) -> Self? { String.fromStored(value).map { Self($0) } }
}

extension StreamPosition: DatabaseValueConvertible {
    var storedValue: DatabaseValue { .integer(rawValue) }
    static func fromStored(_ value: DatabaseValue) -> Self? { Int64.fromStored(value).map { Self($0) } }
}

extension MatrixTimestamp: DatabaseValueConvertible {
    var storedValue: DatabaseValue { .integer(milliseconds) }
    static func fromStored(_ value: DatabaseValue) -> Self? {
        Int64.fromStored(value).map { Self(milliseconds: $0) }
    }
}

extension ServerAge: DatabaseValueConvertible {
    var storedValue: DatabaseValue { .integer(milliseconds) }
    static func fromStored(_ value: DatabaseValue) -> Self? {
        Int64.fromStored(value).map { Self(milliseconds: $0) }
    }
}

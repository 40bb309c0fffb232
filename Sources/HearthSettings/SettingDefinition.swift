import MatrixModel

/// One row of the settings' table: a key, what values it takes, its default and what it does.
///
/// The row also knows which field of ``HearthSettings`` it fills: a key cannot be in the table and not be read.
public struct SettingDefinition: Sendable {
    /// `group.name`.
    public let key: String
    /// What values it takes, for the reference and for refusals: "a duration".
    public let type: String
    /// The default as an operator would write it; empty is "not set".
    public let defaultText: String
    /// One sentence.
    public let text: String
    /// Reads a value into its field; false when it is none.
    let apply: @Sendable (String, inout HearthSettings) -> Bool

    /// The variable of the environment that sets it.
    public var environmentName: String {
        "HEARTH_" + String(decoding: key.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "_") : Self.upper($0) }, as: UTF8.self)
    }

    private static func upper(_ byte: UInt8) -> UInt8 { (0x61...0x7A).contains(byte) ? byte - 0x20 : byte }

    /// What comes before the first dot.
    public var group: Substring { key.prefix { $0 != "." } }

    typealias Field<Value> = WritableKeyPath<HearthSettings, Value> & Sendable

    /// A row whose values are what `parse` makes of a text.
    static func value<Value>(
        _ key: String, _ field: any Field<Value>, type: String, default defaultText: String, _ text: String,
        parse: @escaping @Sendable (String) -> Value?
    ) -> Self {
        Self(key: key, type: type, defaultText: defaultText, text: text) { input, settings in
            guard let value = parse(input) else { return false }
            settings[keyPath: field] = value
            return true
        }
    }

    static func duration(_ key: String, _ field: any Field<Duration>, default text: String, _ sentence: String) -> Self {
        .value(key, field, type: "a duration", default: text, sentence, parse: DurationText.parse)
    }

    static func bool(_ key: String, _ field: any Field<Bool>, default value: Bool, _ text: String) -> Self {
        .value(key, field, type: "`true` or `false`", default: "\(value)", text) { input in
            switch input {
            case "true": true
            case "false": false
            default: nil
            }
        }
    }

    static func integer(
        _ key: String, _ field: any Field<Int>, in range: ClosedRange<Int>, default value: Int, _ text: String
    ) -> Self {
        let type = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return .value(key, field, type: type, default: "\(value)", text) { input in
            guard input.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(input) else { return nil }
            return range.contains(number) ? number : nil
        }
    }

    static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
        _ key: String, _ field: any Field<Value>, default value: Value, _ text: String
    ) -> Self where Value.RawValue == String {
        let names = Value.allCases.map { "`\($0.rawValue)`" }
        let type = "one of " + names.joined(separator: ", ")
        return .value(key, field, type: type, default: value.rawValue, text) { input in
            Value.allCases.first { $0.rawValue.hasSameBytes(as: input) }
        }
    }

    static func optionalAddress(_ key: String, _ field: any Field<HostAndPort?>, _ text: String) -> Self {
        .value(key, field, type: "`HOST:PORT`, or nothing", default: "", text) { input in
            input.isEmpty ? .some(nil) : HostAndPort(input).map { .some($0) }
        }
    }

    static func optionalDate(_ key: String, _ field: any Field<MatrixTimestamp?>, _ text: String) -> Self {
        let type = "a date such as `2027-03-31` or `2027-03-31T12:00:00Z`, or nothing"
        return .value(key, field, type: type, default: "", text) { input in
            input.isEmpty ? .some(nil) : DateText.parse(input).map { .some($0) }
        }
    }

    static func networks(_ key: String, _ field: any Field<[IPNetwork]>, _ text: String) -> Self {
        let type = "IP addresses or networks such as `10.0.0.0/8`, separated by commas"
        return .value(key, field, type: type, default: "", text) { input in
            if input.isEmpty { return [] }
            let parts = input.split(separator: ",", omittingEmptySubsequences: false)
            let networks = parts.compactMap { IPNetwork(String($0.drop { $0 == " " }.prefix { $0 != " " })) }
            return networks.count == parts.count ? networks : nil
        }
    }

    /// Texts separated by commas, each of which has to satisfy the condition.
    static func list(
        _ key: String, _ field: any Field<[String]>, type: String, _ text: String,
        _ isValid: @escaping @Sendable (String) -> Bool
    ) -> Self {
        .value(key, field, type: type, default: "", text) { input in
            if input.isEmpty { return [] }
            let parts = input.split(separator: ",", omittingEmptySubsequences: false)
            let trimmed = parts.map { part in String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
            let isVisible = trimmed.allSatisfy { $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
            return isVisible && trimmed.allSatisfy(isValid) ? trimmed : nil
        }
    }
}

/// Why a text is not the JSON that was asked for. `offset` is the byte at which it showed.
public enum JSONParseError: Error, Equatable, Sendable {
    /// Not JSON at all: the grammar of RFC 8259, or UTF-8, is broken.
    case malformed(offset: Int)
    /// JSON, but not what Matrix takes: the reason tells what.
    case unacceptable(Reason, offset: Int)

    public enum Reason: Equatable, Sendable {
        case duplicateKey
        case loneSurrogate
        case nulCharacter
        case notAnInteger
        case outOfRange
        case tooDeep
    }
}

/// What a parser takes beyond strict canonical values.
public struct JSONParseOptions: Sendable {
    /// Whether numbers may have a fraction, an exponent or any size. Events may not hold such; account data may.
    public var allowsAnyNumber: Bool
    /// Whether strings may hold U+0000. Hearth refuses it from its own clients.
    public var allowsNUL: Bool
    /// How deep arrays and objects may nest.
    public var maximumDepth: Int

    /// How deep a client's request may nest.
    public static let requestDepth = 64
    /// How deep what is stored may nest: far deeper than a request, so that whatever the server puts around it is read back.
    public static let storedDepth = 256

    public init(allowsAnyNumber: Bool, allowsNUL: Bool, maximumDepth: Int = JSONParseOptions.storedDepth) {
        self.allowsAnyNumber = allowsAnyNumber
        self.allowsNUL = allowsNUL
        self.maximumDepth = maximumDepth
    }

    /// For what canonical JSON can express, and no more.
    public static let canonical = JSONParseOptions(allowsAnyNumber: false, allowsNUL: true)
    /// For what clients sent, once it is stored: any number, any text.
    public static let stored = JSONParseOptions(allowsAnyNumber: true, allowsNUL: true)
    /// For the bodies of client requests: any number (the endpoint decides), no U+0000.
    public static let clientRequest = JSONParseOptions(allowsAnyNumber: true, allowsNUL: false, maximumDepth: requestDepth)
}

extension JSON {
    /// Parses one JSON text.
    ///
    /// Strict: duplicate keys, bad UTF-8, lone surrogates, trailing bytes and nesting beyond the limit are refused. Key order and
    /// white space are free, because clients' are.
    public init(parsing bytes: some Sequence<UInt8>, options: JSONParseOptions = .canonical) throws(JSONParseError) {
        let contiguous = Array(bytes)
        let result = contiguous.withUnsafeBufferPointer { buffer -> Result<JSON, JSONParseError> in
            var parser = JSONParser(input: buffer, options: options)
            do throws(JSONParseError) {
                return .success(try parser.parseDocument())
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }
}

/// A recursive descent over the input's bytes. Lives only inside ``JSON/init(parsing:options:)``.
private struct JSONParser {
    let input: UnsafeBufferPointer<UInt8>
    let options: JSONParseOptions
    var offset = 0

    init(input: UnsafeBufferPointer<UInt8>, options: JSONParseOptions) {
        self.input = input
        self.options = options
    }

    var next: UInt8? { offset < input.count ? input[offset] : nil }
    var malformed: JSONParseError { .malformed(offset: offset) }

    func unacceptable(_ reason: JSONParseError.Reason) -> JSONParseError { .unacceptable(reason, offset: offset) }

    mutating func parseDocument() throws(JSONParseError) -> JSON {
        skipWhitespace()
        let value = try parseValue(depth: 0)
        skipWhitespace()
        guard offset == input.count else { throw malformed }
        return value
    }

    mutating func parseValue(depth: Int) throws(JSONParseError) -> JSON {
        guard let byte = next else { throw malformed }
        switch byte {
        case UInt8(ascii: "{"): return .object(try parseObject(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try parseArray(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", as: .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", as: .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", as: .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw malformed
        }
    }

    mutating func parseObject(depth: Int) throws(JSONParseError) -> JSONObject {
        guard depth <= options.maximumDepth else { throw unacceptable(.tooDeep) }
        var members: [JSONObject.Member] = []
        offset += 1
        skipWhitespace()
        if next == UInt8(ascii: "}") {
            offset += 1
            return JSONObject()
        }
        while true {
            skipWhitespace()
            guard next == UInt8(ascii: "\"") else { throw malformed }
            let key = try parseString()
            skipWhitespace()
            guard next == UInt8(ascii: ":") else { throw malformed }
            offset += 1
            skipWhitespace()
            members.append(JSONObject.Member(key: key, value: try parseValue(depth: depth)))
            skipWhitespace()
            guard let separator = next else { throw malformed }
            guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "}") else { throw malformed }
            offset += 1
            if separator == UInt8(ascii: "}") { break }
        }
        guard let object = JSONObject(unsorted: members) else { throw unacceptable(.duplicateKey) }
        return object
    }

    mutating func parseArray(depth: Int) throws(JSONParseError) -> [JSON] {
        guard depth <= options.maximumDepth else { throw unacceptable(.tooDeep) }
        var values: [JSON] = []
        offset += 1
        skipWhitespace()
        if next == UInt8(ascii: "]") {
            offset += 1
            return values
        }
        while true {
            skipWhitespace()
            values.append(try parseValue(depth: depth))
            skipWhitespace()
            guard let separator = next else { throw malformed }
            guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "]") else { throw malformed }
            offset += 1
            if separator == UInt8(ascii: "]") { return values }
        }
    }

    mutating func parseWord(_ word: StaticString, as value: JSON) throws(JSONParseError) -> JSON {
        for index in 0..<word.utf8CodeUnitCount {
            guard next == word.utf8Start[index] else { throw malformed }
            offset += 1
        }
        return value
    }

    mutating func skipWhitespace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }
}

// MARK: - Strings

extension JSONParser {
    mutating func parseString() throws(JSONParseError) -> String {
        offset += 1
        let start = offset
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { offset += 1 }
        if next == UInt8(ascii: "\"") {
            defer { offset += 1 }
            return try string(from: input[start..<offset])
        }
        return try parseEscapedString(start: start)
    }

    /// The slow path: the text up to here holds no escape, the byte at `offset` is one or an error.
    private mutating func parseEscapedString(start: Int) throws(JSONParseError) -> String {
        var text = Array(input[start..<offset])
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                defer { offset += 1 }
                return try string(from: text)
            case UInt8(ascii: "\\"):
                offset += 1
                try parseEscape(into: &text)
            case ..<0x20:
                throw malformed
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw malformed
    }

    private mutating func parseEscape(into text: inout [UInt8]) throws(JSONParseError) {
        guard let byte = next else { throw malformed }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(Character(try parseUnicodeEscape())).utf8)
        default:
            offset -= 1
            throw malformed
        }
    }

    private mutating func parseUnicodeEscape() throws(JSONParseError) -> Unicode.Scalar {
        let first = try parseHexQuad()
        if let scalar = Unicode.Scalar(first) {
            if first == 0 && !options.allowsNUL { throw unacceptable(.nulCharacter) }
            return scalar
        }
        guard first < 0xDC00, offset + 1 < input.count else { throw unacceptable(.loneSurrogate) }
        guard input[offset] == UInt8(ascii: "\\"), input[offset + 1] == UInt8(ascii: "u") else {
            throw unacceptable(.loneSurrogate)
        }
        offset += 2
        let second = try parseHexQuad()
        guard (0xDC00...0xDFFF).contains(second) else { throw unacceptable(.loneSurrogate) }
        let code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        guard let scalar = Unicode.Scalar(code) else { throw unacceptable(.loneSurrogate) }
        return scalar
    }

    private mutating func parseHexQuad() throws(JSONParseError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next else { throw malformed }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw malformed
            }
            value = value << 4 | UInt16(digit)
            offset += 1
        }
        return value
    }

    private func string(from bytes: some Sequence<UInt8>) throws(JSONParseError) -> String {
        guard let string = String(validating: bytes, as: UTF8.self) else { throw malformed }
        return string
    }
}

// MARK: - Numbers

extension JSONParser {
    mutating func parseNumber() throws(JSONParseError) -> JSON {
        let start = offset
        var isInteger = true
        if next == UInt8(ascii: "-") { offset += 1 }
        if next == UInt8(ascii: "0") {
            offset += 1
        } else {
            try skipDigits()
        }
        if next == UInt8(ascii: ".") {
            isInteger = false
            offset += 1
            try skipDigits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            offset += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
            try skipDigits()
        }
        let text = String(decoding: input[start..<offset], as: UTF8.self)
        if isInteger, let value = Int64(text), (-JSON.largestInteger...JSON.largestInteger).contains(value) {
            return .integer(value)
        }
        guard options.allowsAnyNumber else { throw unacceptable(isInteger ? .outOfRange : .notAnInteger) }
        guard let value = Double(text), value.isFinite else { throw unacceptable(.outOfRange) }
        return .double(value)
    }

    private mutating func skipDigits() throws(JSONParseError) {
        let start = offset
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        guard offset > start else { throw malformed }
    }
}

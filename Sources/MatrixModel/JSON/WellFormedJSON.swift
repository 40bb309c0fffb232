extension UnsafeBufferPointer<UInt8> {
    /// Whether this is one JSON object without white space, and nothing else.
    ///
    /// Stored bytes that are passed on as they are have to be one: anything else would break the answer around them. Nothing is
    /// allocated, and nothing nests deeper than ``JSONParseOptions/storedDepth``.
    package var isJSONObject: Bool {
        guard first == UInt8(ascii: "{") else { return false }
        var scanner = JSONScanner(input: self)
        return scanner.skipValue(depth: 0) && scanner.offset == count
    }
}

/// Walks over JSON text without making anything of it. Each step returns false where the text is none, and then the walk is over.
private struct JSONScanner {
    let input: UnsafeBufferPointer<UInt8>
    var offset = 0

    private var next: UInt8 { offset < input.count ? input[offset] : 0 }

    mutating func skipValue(depth: Int) -> Bool {
        switch next {
        case UInt8(ascii: "{"): return skipObject(depth: depth + 1)
        case UInt8(ascii: "["): return skipArray(depth: depth + 1)
        case UInt8(ascii: "\""): return skipString()
        case UInt8(ascii: "t"): return skip("true")
        case UInt8(ascii: "f"): return skip("false")
        case UInt8(ascii: "n"): return skip("null")
        default: return skipNumber()
        }
    }

    private mutating func skipObject(depth: Int) -> Bool {
        guard depth <= JSONParseOptions.storedDepth else { return false }
        offset += 1
        if take(UInt8(ascii: "}")) { return true }
        while true {
            guard next == UInt8(ascii: "\""), skipString(), take(UInt8(ascii: ":")), skipValue(depth: depth) else { return false }
            if take(UInt8(ascii: "}")) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func skipArray(depth: Int) -> Bool {
        guard depth <= JSONParseOptions.storedDepth else { return false }
        offset += 1
        if take(UInt8(ascii: "]")) { return true }
        while true {
            guard skipValue(depth: depth) else { return false }
            if take(UInt8(ascii: "]")) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func skipString() -> Bool {
        offset += 1
        while offset < input.count {
            let byte = input[offset]
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return true
            case UInt8(ascii: "\\"): guard skipEscape() else { return false }
            case ..<0x20: return false
            case ..<0x80: offset += 1
            default: guard skipScalar(startingWith: byte) else { return false }
            }
        }
        return false
    }

    private mutating func skipEscape() -> Bool {
        offset += 1
        switch next {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
            return true
        case UInt8(ascii: "u"):
            offset += 1
            for _ in 0..<4 {
                switch next {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"):
                    offset += 1
                default: return false
                }
            }
            return true
        default: return false
        }
    }

    /// One scalar of two to four bytes of UTF-8.
    private mutating func skipScalar(startingWith byte: UInt8) -> Bool {
        let second: ClosedRange<UInt8>
        let further: Int
        switch byte {
        case 0xC2...0xDF: (second, further) = (0x80...0xBF, 0)
        case 0xE0: (second, further) = (0xA0...0xBF, 1)
        case 0xED: (second, further) = (0x80...0x9F, 1)
        case 0xE1...0xEF: (second, further) = (0x80...0xBF, 1)
        case 0xF0: (second, further) = (0x90...0xBF, 2)
        case 0xF1...0xF3: (second, further) = (0x80...0xBF, 2)
        case 0xF4: (second, further) = (0x80...0x8F, 2)
        default: return false
        }
        offset += 1
        guard second.contains(next) else { return false }
        offset += 1
        for _ in 0..<further {
            guard (0x80...0xBF).contains(next) else { return false }
            offset += 1
        }
        return true
    }

    private mutating func skipNumber() -> Bool {
        _ = take(UInt8(ascii: "-"))
        guard take(UInt8(ascii: "0")) || skipDigits() else { return false }
        if take(UInt8(ascii: ".")), !skipDigits() { return false }
        guard take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) else { return true }
        _ = take(UInt8(ascii: "-")) || take(UInt8(ascii: "+"))
        return skipDigits()
    }

    private mutating func skipDigits() -> Bool {
        let start = offset
        while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { offset += 1 }
        return offset > start
    }

    private mutating func skip(_ word: StaticString) -> Bool {
        for index in 0..<word.utf8CodeUnitCount where !take(word.utf8Start[index]) { return false }
        return true
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard offset < input.count, input[offset] == byte else { return false }
        offset += 1
        return true
    }
}

/// The part of a file that a request asks for.
///
/// [RFC 9110, section 14](https://www.rfc-editor.org/rfc/rfc9110#section-14), single ranges: what asks for several, in other units, or
/// makes no sense, is answered with the whole file.
enum ByteRange: Equatable {
    case whole
    case part(Range<Int64>)
    /// 416: nothing of what was asked for is in the file.
    case unsatisfiable

    /// - Parameter size: of the file, in bytes.
    init(_ header: String?, size: Int64) {
        guard let header, let equals = header.firstIndex(of: "="), header[..<equals].lowercased() == "bytes" else {
            self = .whole
            return
        }
        let ends = header[header.index(after: equals)...].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]) else {
            self = .whole
            return
        }
        switch (first, last) {
        case (nil, nil): self = .whole
        case (nil, let suffix?):
            self = suffix == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - suffix)..<size)
        case (let first?, nil): self = first < size ? .part(first..<size) : .unsatisfiable
        case (let first?, let last?):
            guard first <= last else {
                self = .whole
                return
            }
            self = first < size ? .part(first..<(min(last, size - 1) + 1)) : .unsatisfiable
        }
    }

    /// `.some(nil)` for nothing, nil for what is no number.
    private static func number(_ text: Substring) -> Int64?? {
        let text = text.utf8.drop { $0 == UInt8(ascii: " ") }
        if text.isEmpty { return .some(nil) }
        guard text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int64(Substring(text))
        else {
            return nil
        }
        return number
    }
}

/// Bytes that are looked for in texts, made ready once. A search looks at each byte of a text once or twice, whatever either looks like.
///
/// After Knuth, Morris and Pratt: where a match breaks off, the search goes on with the longest beginning that the bytes before end with.
public struct ByteSearch: Sendable, Equatable {
    public let bytes: [UInt8]
    /// At n, how many of the first n bytes end these n and begin them, n itself excepted. Empty where all of these are 0.
    private let borders: [Int32]

    public init(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        var borders = [Int32](repeating: 0, count: bytes.count + 1)
        var hasBorders = false
        var border = 0
        for index in bytes.indices.dropFirst() {
            while border > 0, bytes[border] != bytes[index] { border = Int(borders[border]) }
            if bytes[border] == bytes[index] {
                border += 1
                hasBorders = true
            }
            borders[index + 1] = Int32(border)
        }
        self.bytes = bytes
        self.borders = hasBorders ? borders : []
    }

    /// Where the bytes stand in a part of a text for the first time; no bytes stand nowhere.
    ///
    /// - Parameter isWanted: whether a place counts; the search goes on behind one that does not.
    public func first(
        in text: [UInt8], _ part: Range<Int>? = nil, where isWanted: (Range<Int>) -> Bool = { _ in true }
    ) -> Range<Int>? {
        let part = part ?? text.indices
        guard let start = bytes.first, bytes.count <= part.count else { return nil }
        var matched = 0
        for index in part {
            let byte = text[index]
            if matched == 0, byte != start { continue }
            while matched > 0, matched == bytes.count || bytes[matched] != byte { matched = border(matched) }
            if bytes[matched] == byte { matched += 1 }
            if matched == bytes.count {
                let place = (index + 1 - matched)..<(index + 1)
                if isWanted(place) { return place }
            }
        }
        return nil
    }

    private func border(_ count: Int) -> Int { borders.isEmpty ? 0 : Int(borders[count]) }
}

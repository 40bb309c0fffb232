import MatrixModel

/// Finds what somebody who mistyped a name meant.
enum NearestName {
    /// The candidate with the fewest single-byte edits from the name; of equals the first in byte order. Empty without candidates.
    static func of(_ name: String, among candidates: some Sequence<String>) -> String {
        var nearest = ""
        var fewest = Int.max
        // Beyond this length every candidate is equally far: nobody mistypes that.
        let name = Array(name.utf8.prefix(100))
        for candidate in candidates.sorted(by: { $0.precedesInBytes($1) }) {
            let edits = distance(name, Array(candidate.utf8))
            if edits < fewest { (nearest, fewest) = (candidate, edits) }
        }
        return nearest
    }

    /// The Levenshtein distance.
    static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var row = Array(0...other.count)
        for (index, byte) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, otherByte) in other.enumerated() {
                let replaced = diagonal + (byte == otherByte ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[other.count]
    }
}

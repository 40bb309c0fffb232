/// Which hashes are between their file's getting its name and their row's being committed, so that an upload that fails there can take
/// its file away without taking it from another that has the same content.
///
/// Pure. Legal use: one `begin`, then one `end`, for each upload.
struct Placements: Sendable {
    private struct Entry {
        var count = 0
        var isKept: Bool
    }

    private var entries: [ContentHash: Entry] = [:]

    /// - Parameter isKept: whether the file was there before.
    mutating func begin(_ hash: ContentHash, isKept: Bool) {
        entries[hash, default: Entry(isKept: isKept)].count += 1
    }

    /// Whether the file belongs to nobody now and is to be removed.
    mutating func end(_ hash: ContentHash, isKept: Bool) -> Bool {
        guard var entry = entries[hash] else { preconditionFailure("a placement ends that never began") }
        entry.count -= 1
        entry.isKept = entry.isKept || isKept
        entries[hash] = entry.count > 0 ? entry : nil
        return entry.count == 0 && !entry.isKept
    }
}

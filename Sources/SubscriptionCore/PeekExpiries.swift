import MatrixModel

/// The times at which live peeks expire, soonest first.
///
/// A renewed or ended peek leaves its old entry behind (``ExpiryHeap``).
struct PeekExpiries: Sendable {
    /// How many peeks are handed out at once.
    static let mostAtOnce = 256

    private var heap = ExpiryHeap<Entry>()

    private struct Entry: Comparable, Sendable {
        let expires: MatrixTimestamp
        let device: DeviceKey
        let room: RoomID

        static func < (lhs: Self, rhs: Self) -> Bool { lhs.expires < rhs.expires }
    }

    /// - Parameter devices: whose live peeks tell which of the entries hold.
    mutating func insert(_ peek: Peek, among devices: [DeviceKey: PeekEntry]) {
        heap.insert(Entry(expires: peek.expires, device: peek.device, room: peek.room)) { Self.holding($0, devices) }
    }

    var next: MatrixTimestamp? { heap.first?.expires }
    var count: Int { heap.count }

    /// Of each live peek the first entry that is not before its time: one that was put back is later.
    private static func holding(_ entries: [Entry], _ devices: [DeviceKey: PeekEntry]) -> [Entry] {
        var kept: [DeviceKey: [RoomID: Entry]] = [:]
        for entry in entries {
            guard let peek = devices[entry.device]?.live[entry.room], entry.expires >= peek.expires else { continue }
            if let other = kept[entry.device]?[entry.room], other.expires <= entry.expires { continue }
            kept[entry.device, default: [:]][entry.room] = entry
        }
        return kept.values.flatMap(\.values)
    }

    /// Takes out what is due next and returns the peeks of which it still holds.
    mutating func popExpired(by now: MatrixTimestamp, in devices: [DeviceKey: PeekEntry]) -> [Peek] {
        var expired: [Peek] = []
        var seen: Set<StreamPosition> = []
        while expired.count < Self.mostAtOnce, let first = heap.first, first.expires <= now {
            heap.removeFirst()
            guard let peek = devices[first.device]?.live[first.room], peek.expires <= now else { continue }
            if seen.insert(peek.started).inserted { expired.append(peek) }
        }
        return expired
    }
}

import HeapModule
import MatrixModel

/// The times at which live peeks expire, soonest first.
///
/// A renewed or ended peek leaves its old entry behind, which is dropped when its time comes; or sooner, once such entries may be half of
/// all: a client that renews a peek ten times a second for its hour leaves no more behind than one that renews it once.
struct PeekExpiries: Sendable {
    /// So many entries are nothing to save.
    static let fewest = 1_024
    /// How many peeks are handed out at once.
    static let mostAtOnce = 256

    private var heap: Heap<Entry> = []
    /// With so many entries those that hold no longer are looked for: twice as many as there were after the last time.
    private var most = Self.fewest

    private struct Entry: Comparable {
        let expires: MatrixTimestamp
        let device: DeviceKey
        let room: RoomID

        static func < (lhs: Self, rhs: Self) -> Bool { lhs.expires < rhs.expires }
    }

    /// - Parameter devices: whose live peeks tell which of the entries hold.
    mutating func insert(_ peek: Peek, among devices: [DeviceKey: PeekEntry]) {
        if heap.count >= most {
            dropSuperseded(devices)
            most = max(Self.fewest, heap.count * 2)
        }
        heap.insert(Entry(expires: peek.expires, device: peek.device, room: peek.room))
    }

    var next: MatrixTimestamp? { heap.min?.expires }
    var count: Int { heap.count }

    /// Keeps of each live peek the first entry that is not before its time: one that was put back is later.
    private mutating func dropSuperseded(_ devices: [DeviceKey: PeekEntry]) {
        var kept: [DeviceKey: [RoomID: Entry]] = [:]
        for entry in heap.unordered {
            guard let peek = devices[entry.device]?.live[entry.room], entry.expires >= peek.expires else { continue }
            if let other = kept[entry.device]?[entry.room], other.expires <= entry.expires { continue }
            kept[entry.device, default: [:]][entry.room] = entry
        }
        heap = Heap(kept.values.flatMap(\.values))
    }

    /// Takes out what is due next and returns the peeks of which it still holds.
    mutating func popExpired(by now: MatrixTimestamp, in devices: [DeviceKey: PeekEntry]) -> [Peek] {
        var expired: [Peek] = []
        var seen: Set<StreamPosition> = []
        while expired.count < Self.mostAtOnce, let first = heap.min, first.expires <= now {
            heap.removeMin()
            guard let peek = devices[first.device]?.live[first.room], peek.expires <= now else { continue }
            if seen.insert(peek.started).inserted { expired.append(peek) }
        }
        return expired
    }
}

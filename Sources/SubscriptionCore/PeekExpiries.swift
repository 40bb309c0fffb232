import HeapModule
import MatrixModel

/// The times at which live peeks expire, soonest first.
///
/// Entries are never removed early: a renewed or ended peek leaves its old entry behind, which is dropped when its time comes.
struct PeekExpiries: Sendable {
    private var heap: Heap<Entry> = []

    private struct Entry: Comparable {
        let expires: MatrixTimestamp
        let device: DeviceKey
        let room: RoomID

        static func < (lhs: Self, rhs: Self) -> Bool { lhs.expires < rhs.expires }
    }

    mutating func insert(_ peek: Peek) {
        heap.insert(Entry(expires: peek.expires, device: peek.device, room: peek.room))
    }

    var next: MatrixTimestamp? { heap.min?.expires }

    /// Takes out what is due and returns the peeks of which it still holds.
    mutating func popExpired(by now: MatrixTimestamp, in devices: [DeviceKey: PeekEntry]) -> [Peek] {
        var expired: [Peek] = []
        while let first = heap.min, first.expires <= now {
            heap.removeMin()
            guard let peek = devices[first.device]?.live[first.room], peek.expires <= now else { continue }
            if !expired.contains(peek) { expired.append(peek) }
        }
        return expired
    }
}

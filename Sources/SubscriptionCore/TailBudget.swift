import DequeModule
import MatrixModel

/// How much the newest events of all rooms take in memory together, and which of them came first: those are let go of when it is too much.
///
/// Pure. So memory does not follow how many rooms anybody makes and how large their events are; whoever asks for what is gone asks the store.
struct TailBudget: Sendable {
    /// Bytes.
    static let usual = 64 * 1024 * 1024
    private static let fewest = 1_024

    private struct Entry: Sendable {
        let room: RoomID
        let position: StreamPosition
    }

    private let most: Int
    /// In the order of coming. Of some the room has let go since.
    private var entries: Deque<Entry> = []
    private var live = 0
    private(set) var bytes = 0

    init(most: Int = Self.usual) { self.most = most }

    var entryCount: Int { entries.count }

    mutating func keeps(_ event: PersistedEvent) {
        entries.append(Entry(room: event.roomID, position: event.position))
        live += 1
        bytes += event.memory
    }

    mutating func letsGo(of event: PersistedEvent) {
        live -= 1
        bytes -= event.memory
    }

    mutating func replaces(_ old: PersistedEvent, with new: PersistedEvent) { bytes += new.memory - old.memory }

    /// Has the rooms let go of what came first until the rest fits.
    mutating func settle(_ rooms: inout [RoomID: RoomEntry]) {
        while bytes > most, let oldest = entries.popFirst() {
            if let event = rooms[oldest.room]?.letGo(ofEventAt: oldest.position) { letsGo(of: event) }
        }
        guard entries.count > max(Self.fewest, 2 * live) else { return }
        entries.removeAll { $0.position <= rooms[$0.room]?.tailStart ?? $0.position }
    }
}

extension PersistedEvent {
    /// About how many bytes an event takes that was made lately: its client form, and its content once more.
    fileprivate var memory: Int { 2 * openBytes.count + unsignedBytes.count + 512 }
}

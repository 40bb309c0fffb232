import MatrixModel
import Testing

@testable import SubscriptionCore

@Suite("What memory keeps of a room")
struct RoomEntryTests {
    /// An entry known from position 10 on, with one event at every second position after it.
    private static func entry(events count: Int) -> RoomEntry {
        var entry = RoomEntry(knownUpTo: StreamPosition(10), lastPosition: StreamPosition(8))
        for index in 0..<count { _ = entry.append(makeEvent(.message, content: ["n": 1], at: Self.position(index))) }
        return entry
    }

    private static func position(_ index: Int) -> StreamPosition { StreamPosition(Int64(12 + 2 * index)) }

    private static func positions(_ events: [PersistedEvent]?) -> [Int64]? { events?.map(\.position.rawValue) }

    @Test("a fresh entry answers for what it knows, and for what is over")
    func fresh() {
        let entry = Self.entry(events: 0)
        #expect(Self.positions(entry.events(after: StreamPosition(7))) == nil)
        for since in [8, 9, 10, 11, .max] as [Int64] { #expect(Self.positions(entry.events(after: StreamPosition(since))) == []) }
    }

    @Test("before the first event is dropped, memory reaches back to where it began")
    func complete() {
        let entry = Self.entry(events: 3)
        #expect(Self.positions(entry.events(after: StreamPosition(9))) == nil)
        #expect(Self.positions(entry.events(after: StreamPosition(10))) == [12, 14, 16])
        #expect(Self.positions(entry.events(after: StreamPosition(12))) == [14, 16])
        #expect(Self.positions(entry.events(after: StreamPosition(13))) == [14, 16])
        #expect(Self.positions(entry.events(after: StreamPosition(16))) == [])
    }

    @Test("a full tail reaches back to the event that was dropped last, exactly", arguments: [1, 2, 64, 100])
    func overflow(extra: Int) {
        let entry = Self.entry(events: RoomEntry.longestTail + extra)
        let dropped = Self.position(extra - 1)
        #expect(entry.tail.count == RoomEntry.longestTail)
        #expect(entry.events(after: dropped)?.count == RoomEntry.longestTail)
        #expect(entry.events(after: StreamPosition(dropped.rawValue + 1))?.count == RoomEntry.longestTail)
        #expect(entry.events(after: StreamPosition(dropped.rawValue - 1)) == nil)
        #expect(entry.lastPosition == Self.position(RoomEntry.longestTail + extra - 1))
    }

    @Test("a redacted event takes the place of the one it was; one that memory has dropped stays away")
    func replaced() {
        var entry = Self.entry(events: RoomEntry.longestTail + 1)
        _ = entry.replace(makeEvent(.message, at: Self.position(5)))
        _ = entry.replace(makeEvent(.message, at: Self.position(0)))
        let emptied = entry.tail.filter(\.content.isEmpty).map(\.position)
        #expect(emptied == [Self.position(5)])
        #expect(entry.tail.count == RoomEntry.longestTail)
    }

    @Test("a room remembers as many moves as it has members, and fewer once it has fewer")
    func laneLogOfMany() {
        var entry = RoomEntry(knownUpTo: StreamPosition(10), lastPosition: .zero)
        let members = (0..<1000).map { Names.user("u\($0)") }
        for member in members { entry.noteJoin(of: member, at: StreamPosition(5)) }
        for (index, member) in members.enumerated() { entry.noteLaneMove(of: member, at: Self.position(index)) }
        #expect(entry.laneMoves(after: StreamPosition(10))?.count == 1000)
        for member in members.dropFirst(100) { entry.noteDeparture(of: member, at: Self.position(1000)) }
        entry.noteLaneMove(of: members[0], at: Self.position(1000))
        #expect(entry.laneMoves(after: Self.position(900))?.count == 100)
        #expect(entry.laneMoves(after: Self.position(899)) == nil)
    }

    @Test("lane moves are told as far back as the log reaches, exactly")
    func laneLog() {
        var entry = RoomEntry(knownUpTo: StreamPosition(10), lastPosition: StreamPosition(8))
        #expect(entry.laneMoves(after: .zero) == [])
        for index in 0..<RoomEntry.longestTail { entry.noteLaneMove(of: Names.user("u\(index)"), at: Self.position(index)) }
        #expect(entry.laneMoves(after: StreamPosition(10))?.count == RoomEntry.longestTail)
        #expect(entry.laneMoves(after: StreamPosition(9)) == nil)
        entry.noteLaneMove(of: Names.alice, at: Self.position(RoomEntry.longestTail))
        #expect(entry.laneMoves(after: Self.position(0))?.count == RoomEntry.longestTail)
        #expect(entry.laneMoves(after: StreamPosition(Self.position(0).rawValue - 1)) == nil)
        #expect(entry.laneMoves(after: Self.position(RoomEntry.longestTail - 1)) == [Names.alice])
        #expect(entry.laneMoves(after: Self.position(RoomEntry.longestTail)) == [])
    }

    @Test("of a move before the start it is known that there was one, not whose")
    func restoredLaneMove() {
        var entry = RoomEntry(knownUpTo: StreamPosition(10), lastPosition: StreamPosition(8))
        entry.restoreLaneMove(at: StreamPosition(7))
        entry.restoreLaneMove(at: StreamPosition(5))
        #expect(entry.laneMoves(after: StreamPosition(6)) == nil)
        #expect(entry.laneMoves(after: StreamPosition(7)) == [])
        entry.noteLaneMove(of: Names.bob, at: StreamPosition(12))
        #expect(entry.laneMoves(after: StreamPosition(9)) == nil)
        #expect(entry.laneMoves(after: StreamPosition(10)) == [Names.bob])
    }
}

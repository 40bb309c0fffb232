import MatrixModel

/// A room's number in memory: small, given once, never taken back.
struct RoomNumber: Hashable, Sendable {
    fileprivate let index: Int32
}

/// Where each room last had news, found by the room's number.
///
/// Every sync asks this of all rooms of its user. One pass over numbers costs a nanosecond a room, where looking each room up by its
/// id costs a hundred times that; only rooms that do have news are looked up.
struct RoomNews: Sendable {
    private var numbers: [RoomID: RoomNumber] = [:]
    private var rows: [Row] = []

    private struct Row: Sendable {
        let room: RoomID
        /// The newest event of the main chain (memberships are such) or receipt.
        var main: StreamPosition = .zero
        /// The newest presence or status of a member; in a profile room, of its owner.
        var lane: StreamPosition = .zero
        var typing = EphemeralPosition(0)
    }

    /// The number of a room, which is given to it now if it has none.
    mutating func number(of room: RoomID) -> RoomNumber {
        if let number = numbers[room] { return number }
        let number = RoomNumber(index: Int32(rows.count))
        numbers[room] = number
        rows.append(Row(room: room))
        return number
    }

    func room(_ number: RoomNumber) -> RoomID { rows[Int(number.index)].room }

    mutating func noteMain(in room: RoomID, at position: StreamPosition) {
        let index = Int(number(of: room).index)
        rows[index].main = max(rows[index].main, position)
    }

    mutating func noteLane(in room: RoomID, at position: StreamPosition) {
        let index = Int(number(of: room).index)
        rows[index].lane = max(rows[index].lane, position)
    }

    mutating func noteTyping(in room: RoomID, at position: EphemeralPosition) {
        rows[Int(number(of: room).index)].typing = position
    }

    func hasMain(_ number: RoomNumber, after position: StreamPosition) -> Bool { rows[Int(number.index)].main > position }

    func hasLane(_ number: RoomNumber, after position: StreamPosition) -> Bool { rows[Int(number.index)].lane > position }

    func hasTyping(_ number: RoomNumber, after position: EphemeralPosition) -> Bool { rows[Int(number.index)].typing > position }
}

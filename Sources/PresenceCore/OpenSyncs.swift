/// The syncs that have begun and not ended. Each gets a number that can be taken back once: whoever ends a sync twice ends nothing.
///
/// An array with a turn for each place, that counts how often it was given and taken back: no look-up by hash on the path of every poll.
struct OpenSyncs: Sendable {
    struct Number: Hashable, Sendable {
        let place: Int32
        let turn: UInt32
    }

    /// Odd while the place is taken.
    private var turns: [UInt32] = []
    private var free: [Int32] = []

    mutating func begin() -> Number {
        let place = free.popLast() ?? Int32(turns.count)
        if place == turns.count { turns.append(0) }
        turns[Int(place)] &+= 1
        return Number(place: place, turn: turns[Int(place)])
    }

    /// - Returns: whether it was open.
    mutating func end(_ number: Number) -> Bool {
        guard turns.indices.contains(Int(number.place)), turns[Int(number.place)] == number.turn else { return false }
        turns[Int(number.place)] &+= 1
        free.append(number.place)
        return true
    }

    /// How many are open.
    var count: Int { turns.count - free.count }
}

import MatrixModel

/// Who is awake and who is at rest.
///
/// Of most users nothing is known but their past: when they were online last, and that they stand published as offline. They are at rest,
/// which costs a record of some 40 bytes, their id included. A fact about one wakes them: they get a slot with room for devices, a
/// choice and deadlines. Whoever has nothing of that any more, and did nothing for ten minutes, is put to rest again by others who wake:
/// nobody has to wait for it, and no deadline is spent on it.
extension PresenceEngine {
    /// The slot of a user, who is awake then, be it one never heard of; nil for a user who was deactivated.
    mutating func slot(for user: UserID, at now: Now) -> Int? {
        let slot = awake(records.makeNumber(of: user), at: now.monotonic)
        return users[slot].isDeactivated ? nil : slot
    }

    /// The slot of a user, who is awake then; nil for one never heard of.
    mutating func knownSlot(of user: UserID, at now: Now) -> Int? {
        records.number(of: user).map { awake($0, at: now.monotonic) }
    }

    /// What is known of a user, awake or not; nil for one never heard of.
    func entry(of user: UserID) -> UserEntry? {
        guard let number = records.number(of: user) else { return nil }
        if let slot = records.slot(of: number) { return users[slot] }
        var entry = UserEntry(number: number, rest: records.rest(of: number))
        entry.changes = lastNumber
        return entry
    }

    /// The slot of the user with this number, who is awake then.
    mutating func awake(_ number: Int, at now: MonotonicTime) -> Int {
        if let slot = records.slot(of: number) { return slot }
        for _ in 0..<2 { putOneToRest(at: now) }
        var entry = UserEntry(number: number, rest: records.rest(of: number))
        entry.touched = now
        entry.changes = nextNumber()
        let slot = freeSlots.popLast() ?? users.count
        if slot < users.count { users[slot] = entry } else { users.append(entry) }
        records.wake(number, in: slot)
        return slot
    }

    /// Looks at the next slot, and puts its user to rest of whom there is nothing more to be known: so many more are looked at than woken
    /// that those who are awake stay about as many as those who do something.
    private mutating func putOneToRest(at now: MonotonicTime) {
        hand = hand + 1 < users.count ? hand + 1 : 0
        guard hand < users.count, let rest = users[hand].rest(at: now, by: periods),
            records.putToRest(users[hand].number, with: rest)
        else { return }
        users[hand] = UserEntry(number: -1)
        deadlines.set(hand, to: nil)
        expiries.set(hand, to: nil)
        freeSlots.append(hand)
    }
}

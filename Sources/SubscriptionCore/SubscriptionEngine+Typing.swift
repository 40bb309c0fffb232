public import MatrixModel

extension SubscriptionEngine {
    /// Takes over who is typing in a room, and returns the waiting requests that it concerns; none when nothing changed.
    public mutating func setTyping(_ users: [UserID], in room: RoomID) -> Set<WaiterID> {
        guard rooms[room] != nil, rooms[room]?.typing != users else { return [] }
        ephemeralPosition = ephemeralPosition.next
        rooms[room]?.typing = users
        news.noteTyping(in: room, at: ephemeralPosition)
        var woken: Set<WaiterID> = []
        collectMembers(of: room, into: &woken)
        return woken
    }

    /// What a sync tells of typing in a room: nil when the client knows it.
    ///
    /// A token from before the start comes of a client that may still show somebody typing: nobody is, it is told.
    func typingNews(in entry: RoomEntry, _ number: RoomNumber, isWhole: Bool, since: EphemeralPosition?) -> [UserID]? {
        if isWhole { return entry.typing.isEmpty ? nil : entry.typing }
        return hasTypingNews(number, since: since) ? entry.typing : nil
    }

    func hasTypingNews(_ number: RoomNumber, since: EphemeralPosition?) -> Bool {
        let known = since ?? ephemeralStart
        return known < ephemeralStart || news.hasTyping(number, after: known)
    }
}

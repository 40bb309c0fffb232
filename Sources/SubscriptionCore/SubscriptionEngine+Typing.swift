public import MatrixModel

extension SubscriptionEngine {
    /// Takes over who is typing in a room, and returns the waiting requests that it concerns; none when nothing changed.
    public mutating func setTyping(_ users: [UserID], in room: RoomID) -> Set<WaiterID> {
        guard let before = rooms[room]?.typing, before != users else { return [] }
        ephemeralPosition = ephemeralPosition.next
        rooms[room]?.typingMoves.note(Set(before).symmetricDifference(users), at: ephemeralPosition)
        rooms[room]?.typing = users
        news.noteTyping(in: room, at: ephemeralPosition)
        var woken: Set<WaiterID> = []
        collectMembers(of: room, into: &woken)
        return woken
    }

    /// What a sync tells of typing in a room: nil when the client knows it.
    ///
    /// A token from before the start comes of a client that may still show somebody typing: nobody is, it is told.
    ///
    /// - Parameters:
    ///   - ignored: who never seems to type; nil for nobody.
    ///   - isIgnoringNew: whether that changed since, so that the client may show somebody who is ignored now.
    func typingNews(
        in entry: RoomEntry, _ number: RoomNumber, isWhole: Bool, since: EphemeralPosition?, ignored: IgnoredUsers? = nil,
        isIgnoringNew: Bool = false
    ) -> [UserID]? {
        guard let ignored, !ignored.users.isEmpty || isIgnoringNew else {
            if isWhole { return entry.typing.isEmpty ? nil : entry.typing }
            return hasTypingNews(number, since: since) ? entry.typing : nil
        }
        let shown = entry.typing.filter { !ignored.users.contains($0) }
        if isWhole { return shown.isEmpty ? nil : shown }
        if isIgnoringNew, !entry.typing.isEmpty { return shown }
        guard hasTypingNews(number, since: since) else { return nil }
        let known = since ?? ephemeralStart
        guard !isIgnoringNew, known >= ephemeralStart else { return shown }
        return entry.typingMoves.hasMove(after: known, besides: ignored.users) ? shown : nil
    }

    func hasTypingNews(_ number: RoomNumber, since: EphemeralPosition?) -> Bool {
        let known = since ?? ephemeralStart
        return known < ephemeralStart || news.hasTyping(number, after: known)
    }
}

public import MatrixModel

extension SubscriptionEngine {
    /// Takes over who is typing in a room, and returns the waiting requests that it concerns; none when nothing changed.
    ///
    /// Whoever is not joined types no longer, whatever is said (``takeDepartedTypists()``).
    public mutating func setTyping(_ users: [UserID], in room: RoomID) -> Set<WaiterID> {
        let members = users.filter { isJoined($0, in: room) }
        if members.count != users.count { departedTypists[room, default: []].formUnion(users.filter { !members.contains($0) }) }
        return replaceTyping(members, in: room)
    }

    /// A user seems to type nowhere any more; returns the waiting requests that it concerns. Whoever keeps until when they type is to forget it
    /// (``takeDepartedTypists()``).
    public mutating func endTyping(of user: UserID) -> Set<WaiterID> {
        var woken: Set<WaiterID> = []
        for room in (users[user]?.joined ?? [:]).keys { endTyping(of: user, in: room, waking: &woken) }
        return woken
    }

    /// A user is not in a room any more, however that came, or seems to type there no longer.
    mutating func endTyping(of user: UserID, in room: RoomID, waking woken: inout Set<WaiterID>) {
        guard let typing = rooms[room]?.typing, typing.contains(user) else { return }
        departedTypists[room, default: []].insert(user)
        woken.formUnion(replaceTyping(typing.filter { $0 != user }, in: room))
    }

    /// Those whose typing ended since the last call because they are not in the room, or appear offline: whoever keeps until when they type is
    /// to forget them, also if they are back by now.
    public mutating func takeDepartedTypists() -> [RoomID: Set<UserID>] {
        defer { departedTypists = [:] }
        return departedTypists
    }

    private mutating func replaceTyping(_ users: [UserID], in room: RoomID) -> Set<WaiterID> {
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

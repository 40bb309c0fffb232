import MatrixModel

/// What one room's state says for the audience of its members' presence: whether it is public, and whether it suggests sharing.
struct RoomSharingState: Sendable {
    private(set) var isPublic = false
    private var hints: [EventType: Hint] = [:]

    private struct Hint {
        let position: StreamPosition
        var suggests: Bool
    }

    var suggestsSharing: Bool {
        RoomSharing.hintTypes.lazy.compactMap { hints[$0]?.suggests }.first ?? false
    }

    /// Takes over a state event; others than those that matter here change nothing.
    mutating func note(_ event: PersistedEvent) {
        if event.type == .joinRules {
            isPublic = RoomSharing.isPublic(event.content)
        } else if RoomSharing.hintTypes.contains(event.type) {
            hints[event.type] = Hint(position: event.position, suggests: RoomSharing.suggests(event.content))
        }
    }

    /// Follows a redaction, which leaves join rules as they are and empties hints.
    mutating func noteRedacted(_ event: PersistedEvent) {
        guard hints[event.type]?.position == event.position else { return }
        hints[event.type]?.suggests = RoomSharing.suggests(event.content)
    }
}

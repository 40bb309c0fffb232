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
    mutating func note(_ event: PersistedEvent) { note(event, as: event.type) }

    /// Follows a change of the room's state.
    mutating func note(_ change: RoomStateChange) { note(change.event, as: change.key.type) }

    private mutating func note(_ event: PersistedEvent?, as type: EventType) {
        if type == .joinRules {
            isPublic = event.map { RoomSharing.isPublic($0.content) } ?? false
        } else if RoomSharing.hintTypes.contains(type) {
            hints[type] = event.map { Hint(position: $0.position, suggests: RoomSharing.suggests($0.content)) }
        }
    }

    /// Follows a redaction, which leaves join rules as they are and empties hints.
    mutating func noteRedacted(_ event: PersistedEvent) {
        guard hints[event.type]?.position == event.position else { return }
        hints[event.type]?.suggests = RoomSharing.suggests(event.content)
    }
}

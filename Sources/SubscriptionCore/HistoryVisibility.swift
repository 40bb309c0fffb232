public import MatrixModel

/// Which events of a room a user may see, for the whole history of the room.
///
/// [Room history visibility](https://spec.matrix.org/v1.16/client-server-api/#room-history-visibility): each event is judged
/// by the visibility and the user's membership at its own time. Pure: made from the history of two pieces of state.
public struct HistoryVisibility: Sendable {
    public enum Setting: String, Sendable {
        case worldReadable = "world_readable"
        case shared, invited, joined
    }

    private let settings: [(from: StreamPosition, setting: Setting)]
    private let memberships: [(from: StreamPosition, membership: Membership)]

    /// - Parameters:
    ///   - visibilityEvents: every `m.room.history_visibility` event of the room, in stream order.
    ///   - memberEvents: every member event of the user in the room, in stream order.
    public init(visibilityEvents: [PersistedEvent], memberEvents: [PersistedEvent]) {
        settings = visibilityEvents.map { event in
            let value = event.content["history_visibility"]?.stringValue
            return (from: event.position, setting: value.flatMap(Setting.init(rawValue:)) ?? .shared)
        }
        memberships = memberEvents.map { (from: $0.position, membership: $0.membership ?? .leave) }
    }

    /// The setting that counts at a position.
    public func setting(at position: StreamPosition) -> Setting {
        settings.last { $0.from <= position }?.setting ?? .shared
    }

    public func canSee(_ position: StreamPosition) -> Bool {
        // A change of visibility or of the own membership is seen when either side of the change allows it.
        return canSee(position, asOf: position) || canSee(position, asOf: StreamPosition(position.rawValue - 1))
    }

    /// Whether the user was in the room at one position, or came into it up to another.
    public func wasMember(from start: StreamPosition, to end: StreamPosition) -> Bool {
        if memberships.last(where: { $0.from <= start })?.membership == .join { return true }
        return memberships.contains { $0.membership == .join && $0.from > start && $0.from <= end }
    }

    private func canSee(_ position: StreamPosition, asOf point: StreamPosition) -> Bool {
        let membership = memberships.last { $0.from <= point }?.membership
        if membership == .join { return true }
        switch setting(at: point) {
        case .worldReadable: return true
        case .shared: return memberships.contains { $0.membership == .join && $0.from >= position }
        case .invited: return membership == .invite
        case .joined: return false
        }
    }
}

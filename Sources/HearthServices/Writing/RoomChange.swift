import MatrixModel
import RoomRules

/// What changed in a room, as those see it who follow rooms (``RoomFollower``).
///
/// The timeline and the state are told apart: an event may leave the room's state as it is, and the state may change without an event of the
/// timeline. In a room that is one chain an event of state brings the one change of state that it says.
struct RoomChange: Sendable {
    /// Where a change comes from.
    enum Origin: Sendable {
        /// A user of this server, or the server itself.
        case local
        /// Another server, as it happens.
        case remote
        /// History that was fetched later: it is news to nobody.
        case backfill
        /// An event beside the timeline, such as one that others need to be authorised.
        case outlier

        /// Whether it happens now, so that people may be told of it.
        var isLive: Bool { self == .local || self == .remote }
    }

    let room: RoomID
    /// Where the stream has it.
    let position: StreamPosition
    /// Whose profile room it is; nil for ordinary rooms.
    let profileOwner: UserID?
    /// Whether it belongs to a profile room's lane.
    var isLane = false
    var origin = Origin.local
    /// What the room's timeline goes on with.
    var event: PersistedEvent?
    /// How many bytes of the store the event takes.
    var storedBytes = 0
    /// An event of the room that has lost its content.
    var redacted: PersistedEvent?
    var state: [StateDelta] = []
}

/// A piece of a room's present state that is another now.
struct StateDelta: Sendable {
    let key: StateKey
    /// What stood there; nil for nothing. Nobody asks for it in the lane, which has no past.
    let before: SignedEvent?
    /// What stands there now; nil for nothing.
    let after: PersistedEvent?

    /// Whose membership changed; nil where it is another's piece of state, or where the membership is as it was.
    var membershipChange: (user: UserID, to: Membership)? {
        guard key.type == .member, let user = UserID(key.key) else { return nil }
        let old = before?.content["membership"]?.stringValue.flatMap(Membership.init(rawValue:))
        let new = after.map(\.membership) ?? .leave
        guard let new, new != old else { return nil }
        return (user, new)
    }
}

/// A part of the server that keeps up with rooms: in the transaction that changes a room, after the event has its place and before the commit.
///
/// All follow one after the other, in the order that the wiring states (``ServerAssembly``).
protocol RoomFollower: Sendable {
    /// - Throws: what undoes the operation that changed the room.
    func follow(_ change: RoomChange, in context: WriteContext) throws
}

import DequeModule
import MatrixModel

/// Whose presence one user began or ceased to see, for `presence.events`: the newest turns, oldest first.
///
/// It lives as long as the process. Joins are not in here: a new member's presence is news by the join itself. A client that comes from before
/// ``start`` is told of everybody (``SubscriptionEngine/sightsAnew(of:since:)``).
struct SightLog: Sendable {
    /// How many turns of one viewer are remembered at least; older ones are forgotten first.
    static let mostTurns = 512

    private var turns: Deque<Turn> = []
    /// Every owner's last gain and last loss after it is remembered, as far back as the process goes.
    private(set) var start: StreamPosition = .zero

    struct Turn: Sendable {
        let owner: UserID
        let position: StreamPosition
        /// Whether the viewer began to see the owner; otherwise the viewer ceased to.
        let isGain: Bool

        fileprivate var kind: Kind { Kind(owner: owner, isGain: isGain) }
    }

    fileprivate struct Kind: Hashable {
        let owner: UserID
        let isGain: Bool
    }

    mutating func append(_ turn: Turn) {
        turns.append(turn)
        if turns.count > 2 * Self.mostTurns { shorten() }
    }

    /// Keeps each owner's last gain and loss, which is all that counts: somebody who turns again and again makes a viewer forget nobody else.
    private mutating func shorten() {
        var seen: Set<Kind> = []
        turns = Deque(turns.reversed().filter { seen.insert($0.kind).inserted }.reversed())
        while turns.count > Self.mostTurns, let dropped = turns.popFirst() { start = dropped.position }
    }

    func turns(after position: StreamPosition) -> [Turn] { turns.reversed().prefix { $0.position > position } }
}

/// One user looking at another's presence.
struct Sight: Sendable {
    let viewer: UserID
    let owner: UserID
}

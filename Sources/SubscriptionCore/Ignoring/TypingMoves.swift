import DequeModule
import MatrixModel

/// Who began or ceased to type in a room lately, so that the typing of an ignored user is no news.
struct TypingMoves: Sendable {
    private static let most = 32

    private var moves: Deque<Move> = []
    /// Every move after this is in here.
    private var start = EphemeralPosition(0)

    private struct Move: Sendable {
        let user: UserID
        let position: EphemeralPosition
    }

    mutating func note(_ users: some Sequence<UserID>, at position: EphemeralPosition) {
        for user in users { moves.append(Move(user: user, position: position)) }
        while moves.count > Self.most, let dropped = moves.popFirst() { start = dropped.position }
    }

    /// Whether anybody else than the given users began or ceased to type after a position; also where nobody remembers.
    func hasMove(after position: EphemeralPosition, besides users: Set<UserID>) -> Bool {
        if position < start { return true }
        return moves.reversed().prefix { $0.position > position }.contains { !users.contains($0.user) }
    }
}

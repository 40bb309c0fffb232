import MatrixModel

/// Whose keys one user has signed, each with the position of the newest signature: the user's other devices are to ask for them again.
struct SignedUsers: Sendable {
    private var positions: [UserID: StreamPosition] = [:]
    private var last: StreamPosition = .zero

    mutating func note(_ user: UserID, at position: StreamPosition) {
        positions[user] = max(positions[user] ?? .zero, position)
        last = max(last, position)
    }

    func signed(after position: StreamPosition) -> [UserID] {
        position >= last ? [] : positions.filter { $0.value > position }.map(\.key)
    }
}

import MatrixModel

/// From which networks a user has logged in since the start of the server. Pure, and bounded: the oldest are forgotten first.
///
/// What strangers guess at an account from elsewhere does not hold off its owner there. Nothing of it is stored.
struct KnownNetworks: Sendable {
    private struct Place: Sendable, Hashable {
        let user: UserID
        let network: String
    }

    private let capacity: Int
    private var noted: [Place: MonotonicTime] = [:]

    init(capacity: Int = 20_000) {
        precondition(capacity > 0, "a table without room knows nothing")
        self.capacity = capacity
    }

    func contains(_ user: UserID, at network: String) -> Bool { noted[Place(user: user, network: network)] != nil }

    /// Forgets all of a user's.
    mutating func forget(_ user: UserID) { noted = noted.filter { $0.key.user != user } }

    mutating func note(_ user: UserID, at network: String, now: MonotonicTime) {
        let place = Place(user: user, network: network)
        if noted[place] == nil, noted.count >= capacity {
            let oldest = noted.sorted { $0.value < $1.value }.prefix(max(1, capacity / 8))
            for (place, _) in oldest { noted[place] = nil }
        }
        noted[place] = now
    }
}

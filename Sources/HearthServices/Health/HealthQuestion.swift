import MatrixModel

/// One part's question and its last answer.
///
/// Pure. Legal transitions: idle -> asked -> answered -> asked (once the answer is no longer fresh) -> …, and to answered from anywhere: what
/// others did may answer it too.
struct HealthQuestion: Sendable {
    /// How long an answer holds.
    static let validity: Duration = .seconds(1)
    /// How long a part may take; whoever asks after that is told that it does.
    static let patience: Duration = .milliseconds(700)

    /// What a part that does not answer in time comes to.
    let overdue: Health
    private var last: (health: Health, time: MonotonicTime)?
    /// Since when the part is asked; nil while it is not.
    private var askedSince: MonotonicTime?

    init(overdue: Health) { self.overdue = overdue }

    var isAsked: Bool { askedSince != nil }

    /// What is known now; nil where the part has to be asked, or has yet to answer.
    ///
    /// - Parameter came: when whoever wants to know came. What was fresh then stays so for them: the other part may take longer than that.
    func answer(at now: MonotonicTime, toWhoCame came: MonotonicTime) -> Health? {
        if let askedSince { return now >= askedSince.advanced(by: Self.patience) ? overdue : nil }
        guard let last, came < last.time.advanced(by: Self.validity) else { return nil }
        return last.health
    }

    /// Asks the part, unless it is asked already or its answer is fresh.
    mutating func ask(at now: MonotonicTime) {
        if askedSince == nil, answer(at: now, toWhoCame: now) == nil { askedSince = now }
    }

    /// Forgets that all was well: something happened since that tells otherwise.
    mutating func doubt() {
        if last?.health == .ok { last = nil }
    }

    mutating func answered(_ health: Health, at now: MonotonicTime) {
        last = (health, now)
        askedSince = nil
    }
}

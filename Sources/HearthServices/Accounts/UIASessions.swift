import DequeModule
import MatrixModel

/// What a session of user-interactive authentication was opened for; it counts for nothing else.
enum UIAOperation: Sendable, Hashable {
    case registration
    case deviceDeletion(UserID, [DeviceID])
    case passwordChange(UserID)
    case deactivation(UserID)
    case crossSigningReset(UserID)
}

/// The sessions of user-interactive authentication that are under way.
///
/// Pure: ids are made by the caller. A session is opened by a challenge, remembers the stages that were completed, and ends with the
/// operation or `lifetime` after it was opened. At most `capacity` are kept: the oldest is forgotten first, and its client just gets
/// a new challenge.
struct UIASessions: Sendable {
    struct Session: Sendable {
        let operation: UIAOperation
        let opened: MonotonicTime
        var completed: Set<UIAStage> = []
        /// The token of a completed `m.login.registration_token`: it is used up by the registration itself.
        var registrationToken: String?
    }

    let lifetime: Duration
    let capacity: Int
    private var sessions: [String: Session] = [:]
    private var order: Deque<String> = []

    init(lifetime: Duration = .seconds(15 * 60), capacity: Int = 10_000) {
        self.lifetime = lifetime
        self.capacity = capacity
    }

    mutating func open(_ id: String, for operation: UIAOperation, now: MonotonicTime) {
        dropOld(now: now)
        while sessions.count >= capacity, let oldest = order.popFirst() { sessions[oldest] = nil }
        if order.count >= 2 * capacity { order.removeAll { sessions[$0] == nil } }
        sessions[id] = Session(operation: operation, opened: now)
        order.append(id)
    }

    /// The session, if it is one of this operation and not too old.
    mutating func session(_ id: String, for operation: UIAOperation, now: MonotonicTime) -> Session? {
        dropOld(now: now)
        guard let session = sessions[id], session.operation == operation else { return nil }
        return session
    }

    /// Notes a completed stage; a session that is gone meanwhile stays gone.
    mutating func complete(_ stage: UIAStage, in id: String, registrationToken: String?) {
        sessions[id]?.completed.insert(stage)
        if let registrationToken { sessions[id]?.registrationToken = registrationToken }
    }

    mutating func end(_ id: String) { sessions[id] = nil }

    var count: Int { sessions.count }

    /// Sessions are opened in the order of time, so that the old ones stand in front; ended ones leave their place in the order behind.
    private mutating func dropOld(now: MonotonicTime) {
        while let first = order.first {
            if let session = sessions[first], now.duration(since: session.opened) < lifetime { break }
            sessions[first] = nil
            order.removeFirst()
        }
    }
}

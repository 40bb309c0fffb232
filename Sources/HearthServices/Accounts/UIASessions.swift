import DequeModule
import MatrixModel

/// What a session of user-interactive authentication was opened for; it counts for nothing else.
enum UIAOperation: Sendable, Hashable {
    case registration
    case deviceDeletion([DeviceID])
    case passwordChange
    case deactivation
    case crossSigningReset
}

/// Whose a session is.
enum UIAOwner: Sendable, Hashable {
    /// The device whose token opened it: no other token can use it.
    case device(DeviceKey)
    /// Somebody without a token; by network, by which such sessions are counted.
    case network(String)
}

/// One request as a session knows it again.
struct UIARequest: Sendable, Hashable {
    let operation: UIAOperation
    let owner: UIAOwner
    /// What distinguishes the body from others of the operation; a completed stage counts for the very same alone.
    var digest: [UInt8] = []

    /// Whether a session that this request opened is one for the other: by the same device, for the same operation.
    ///
    /// Who registers has no token, and may move from one network to another.
    func mayContinue(_ other: UIARequest) -> Bool {
        guard operation == other.operation else { return false }
        if case .network = owner, case .network = other.owner { return true }
        return owner == other.owner
    }
}

/// The sessions of user-interactive authentication that are under way.
///
/// Pure: ids are made by the caller. A session is opened by a challenge, remembers the stages that were completed, and ends with the
/// operation (one of a registration keeps its answer for as long as it would have been open), with its device's log-out, with its user's password, or `lifetime` after it was opened. At most `capacity` are kept, and
/// `share` of one owner: the oldest is forgotten first, and its client just gets a new challenge.
struct UIASessions: Sendable {
    struct Session: Sendable {
        let request: UIARequest
        let opened: MonotonicTime
        var completed: [UIAStage: Completion] = [:]
        /// What the operation came to: nothing is left to do in the session but to say so again.
        var outcome: Outcome?
    }

    /// What a registration was answered.
    struct Outcome: Sendable {
        let answer: RegistrationAnswer
        /// Of the request that was answered.
        let digest: [UInt8]
    }

    /// What completed a stage.
    struct Completion: Sendable, Hashable {
        /// Of the request that did it.
        var digest: [UInt8] = []
        /// The token of `m.login.registration_token`: it is used up by the registration itself.
        var registrationToken: String?
        /// Of `m.login.password`.
        var proof: ProvenPassword?
    }

    let lifetime: Duration
    let capacity: Int
    let share: Int
    private var sessions: [String: Session] = [:]
    private var order: Deque<String> = []
    private var owners: [UIAOwner: Deque<String>] = [:]

    init(lifetime: Duration = .seconds(15 * 60), capacity: Int = 10_000, share: Int = 20) {
        self.lifetime = lifetime
        self.capacity = capacity
        self.share = share
    }

    mutating func open(_ id: String, for request: UIARequest, now: MonotonicTime) {
        dropOld(now: now)
        if let own = owners[request.owner], own.count >= share, let oldest = own.first { end(oldest) }
        while sessions.count >= capacity, let oldest = order.popFirst() { end(oldest) }
        if order.count >= 2 * capacity { order.removeAll { sessions[$0] == nil } }
        sessions[id] = Session(request: request, opened: now)
        order.append(id)
        owners[request.owner, default: []].append(id)
    }

    /// The session, if it is one of such requests, not too old and not at its goal.
    mutating func session(_ id: String, for request: UIARequest, now: MonotonicTime) -> Session? {
        dropOld(now: now)
        guard let session = sessions[id], session.outcome == nil, session.request.mayContinue(request) else { return nil }
        return session
    }

    /// Notes a completed stage; a session that is gone meanwhile stays gone.
    mutating func complete(_ stage: UIAStage, in id: String, by completion: Completion) {
        sessions[id]?.completed[stage] = completion
    }

    /// Takes back what was completed: it does not stand any more.
    mutating func reopen(_ id: String) { sessions[id]?.completed = [:] }

    /// Keeps what the session's registration was answered, for a client that did not get it and repeats the request.
    mutating func finish(_ id: String, with answer: RegistrationAnswer, to digest: [UInt8]) {
        sessions[id]?.outcome = Outcome(answer: answer, digest: digest)
    }

    /// What the very same request was answered in the session; nil if there was none, or it is too old.
    mutating func answer(in id: String, to request: UIARequest, now: MonotonicTime) -> RegistrationAnswer? {
        dropOld(now: now)
        guard let session = sessions[id], session.request.mayContinue(request), let outcome = session.outcome,
            outcome.digest == request.digest
        else { return nil }
        return outcome.answer
    }

    mutating func end(_ id: String) {
        guard let owner = sessions.removeValue(forKey: id)?.request.owner else { return }
        owners[owner]?.removeAll { $0 == id }
        if owners[owner]?.isEmpty == true { owners[owner] = nil }
    }

    /// Ends the sessions of a device that is logged out, or logged in anew.
    mutating func endAll(of device: DeviceKey) {
        for id in owners[.device(device)] ?? [] { end(id) }
    }

    /// Ends the sessions of all of a user's devices: the password was changed, or the account has ended.
    mutating func endAll(of user: UserID) {
        for owner in owners.keys {
            if case .device(let device) = owner, device.user == user { endAll(of: device) }
        }
    }

    var count: Int { sessions.count }

    /// Sessions are opened in the order of time, so that the old ones stand in front; ended ones leave their place in the order behind.
    private mutating func dropOld(now: MonotonicTime) {
        while let first = order.first {
            if let session = sessions[first], now.duration(since: session.opened) < lifetime { break }
            end(first)
            order.removeFirst()
        }
    }
}

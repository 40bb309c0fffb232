import MatrixModel
import PresenceCore

/// Something that became visible to others, with the seconds since the scene began.
struct Shown: Equatable, CustomStringConvertible {
    let second: Double
    let presence: Presence
    /// `last_active_ts`, in seconds since the scene began by the wall clock.
    var lastActive: Double?

    init(_ second: Double, _ presence: Presence, lastActive: Double? = nil) {
        self.second = second
        self.presence = presence
        self.lastActive = lastActive
    }

    var description: String { "\(second): \(presence)" + (lastActive.map { " (last active \($0))" } ?? "") }
}

/// An engine with a shell around it that calls it exactly when it asks to be, publishes at once and writes down what others see.
struct Scene {
    static let alice = user("alice")
    static let wallStart: Int64 = 1_760_000_040_000
    static let monotonicStart: Int64 = 5_000_000_000_000_000

    var engine: PresenceEngine
    var now = Now(monotonic: .init(nanoseconds: monotonicStart), wall: .init(milliseconds: wallStart))
    var shown: [UserID: [Shown]] = [:]
    /// The choices as a store would hold them.
    var stored: [UserID: PresenceChoices] = [:]
    /// Users whose profile no longer says that they are on a call.
    var callsRemoved: [UserID] = []
    /// While it is held, publications are asked for by ``write(_:)`` alone.
    var writerIsHeld = false

    /// A scene long after the server's start, or, with users to restore, at it.
    ///
    /// - Parameter stopped: when the server had stopped, in seconds; nil for the newest contact.
    init(settings: PresenceSettings = PresenceSettings(), restoring users: [RestoredUser] = [], stopped: Double? = nil) {
        let start = now.monotonic.advanced(by: users.isEmpty ? .seconds(-3600) : .zero)
        engine = PresenceEngine(settings: settings, startedAt: Now(monotonic: start, wall: now.wall))
        let newest = users.flatMap(\.devices).map(\.lastContact).max() ?? now.wall
        let stoppedAt = stopped.map { now.wall.advanced(by: .seconds($0)) } ?? newest
        for user in users {
            stored[user.user] = user.choices
            engine.restore(user, stoppedAt: stoppedAt, at: now)
        }
        pass(.zero)
    }

    static func user(_ name: String) -> UserID { UserID("@\(name):example.org")! }
    static func device(_ name: String, of user: UserID = alice) -> DeviceKey { DeviceKey(user: user, device: DeviceID(name)!) }

    var seconds: Double { Double(now.monotonic.nanoseconds - Self.monotonicStart) / 1e9 }

    /// What others have seen of Alice.
    var seen: [Shown] { shown[Self.alice] ?? [] }

    func effective(_ user: UserID = alice) -> EffectivePresence { engine.effective(of: user, at: now) }

    /// The wall clock's reading so many seconds after the scene's start.
    func wall(_ seconds: Double) -> MatrixTimestamp { .init(milliseconds: Self.wallStart + Int64(seconds * 1000)) }

    // MARK: Facts

    mutating func start(_ device: String, _ claim: SyncClaim) -> SyncHandle {
        let (handle, actions) = engine.syncStarted(Self.device(device), claim: claim, at: now)
        apply(actions)
        return handle
    }

    mutating func end(_ handle: SyncHandle) { apply(engine.syncEnded(handle, at: now)) }

    /// A sync that is answered at once.
    mutating func poll(_ device: String, _ claim: SyncClaim) { end(start(device, claim)) }

    mutating func activity(_ device: String) { apply(engine.activityHappened(on: Self.device(device), at: now)) }

    mutating func logOut(_ device: String) { apply(engine.deviceLoggedOut(Self.device(device), at: now)) }

    mutating func put(_ put: PresencePut, from device: String) throws {
        apply(try engine.put(put, from: Self.device(device), at: now))
        stored[Self.alice] = engine.choices(of: Self.alice)
    }

    mutating func put(_ presence: Presence, from device: String) throws { try put(PresencePut(presence: presence), from: device) }

    /// A PUT that a person made.
    mutating func choose(_ presence: Presence, until expires: MatrixTimestamp? = nil, from device: String = "BOARD") throws {
        try put(PresencePut(presence: presence, expires: expires, isManual: true), from: device)
    }

    /// Alice's choices that stand, the one in force first.
    var choices: [PresenceChoice] { engine.choices(of: Self.alice).inOrderOfForce(at: now.wall) }

    mutating func clear() {
        apply(engine.choicesDeleted(of: Self.alice, at: now))
        stored[Self.alice] = engine.choices(of: Self.alice)
    }

    /// The write since the checkpoint failed: the store has what it had then.
    mutating func rollBack(to checkpoint: PresenceEngine.Checkpoint, stored before: PresenceChoices? = nil) {
        if let before { stored[Self.alice] = before }
        apply(engine.rollBack(to: checkpoint, at: now))
    }

    mutating func pusher(_ device: String, isWorking: Bool) {
        apply(engine.pusherChanged(of: Self.device(device), isWorking: isWorking, at: now))
    }

    // MARK: Time

    /// Lets time pass on both clocks; the engine is called at each of its deadlines.
    mutating func pass(_ duration: Duration) {
        let end = now.monotonic.advanced(by: duration)
        while true {
            let toExpiry = engine.nextExpiry.map { expiry -> MonotonicTime in
                now.monotonic.advanced(by: .milliseconds(max(0, expiry.milliseconds - now.wall.milliseconds)))
            }
            let next = [engine.nextDeadline, toExpiry].compactMap(\.self).min().map { max($0, now.monotonic) }
            guard let next, next <= end else { break }
            let before = now
            advance(to: next)
            let deadline = (engine.nextDeadline, engine.nextExpiry)
            apply(engine.deadlineReached(at: now))
            if before == now && deadline == (engine.nextDeadline, engine.nextExpiry) {
                preconditionFailure("the engine asks to be called again and again at \(seconds)")
            }
        }
        advance(to: end)
    }

    private mutating func advance(to time: MonotonicTime) {
        now.wall = now.wall.advanced(by: time.duration(since: now.monotonic))
        now.monotonic = time
    }

    /// Somebody sets the wall clock.
    mutating func wallJumps(by duration: Duration) {
        now.wall = now.wall.advanced(by: duration)
        apply(engine.deadlineReached(at: now))
    }

    // MARK: The shell

    mutating func apply(_ actions: [PresenceAction]) {
        for action in actions {
            switch action {
            case .storeChoices(let user): stored[user] = engine.choices(of: user)
            case .removeCall(let user): callsRemoved.append(user)
            case .publish(let user): if !writerIsHeld { write(user) }
            }
        }
    }

    /// The writer's turn: publishes what is due of a user.
    mutating func write(_ user: UserID = alice) {
        guard let publication = engine.duePublication(of: user, at: now) else { return }
        engine.published(publication, of: user, at: now)
        let lastActive = publication.lastActive.map { Double($0.milliseconds - Self.wallStart) / 1000 }
        shown[user, default: []].append(Shown(seconds, publication.presence, lastActive: lastActive))
    }
}

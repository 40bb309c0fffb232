import MatrixModel

/// What of one user stands published, and what is to be published when.
///
/// A value above what stands is due at once, and so is every difference that somebody made by hand. A lower one that comes from
/// devices waits: `settle`, doubled for each fall that was published lately. It is due when that time is over and it still differs.
///
/// Legal transitions of ``due``: nothing -> rise (the value went up), nothing -> waiting fall -> change (it stayed down), anything ->
/// change (by hand), anything -> nothing (the value is what stands).
struct PublishingState: Sendable {
    enum Due: UInt8, Sendable {
        case nothing
        /// A value above what stands; an even lower one than that may not slip through in its place.
        case rise
        /// Whatever differs from what stands.
        case change
    }

    /// Where a difference comes from.
    enum Cause: Sendable {
        case devices
        /// A user's or a device's choice that was made or ended in any way, the log-out of the last device.
        case hand
    }

    /// What stands published; nil before the first publication, which reads as offline to everybody.
    private(set) var published: Presence?
    /// When the user was last published online.
    private(set) var lastOnline: MatrixTimestamp?
    private(set) var due: Due = .nothing
    /// When a waiting fall is looked at again.
    private(set) var fallDue: MonotonicTime?
    /// Whether the waiting fall is held up by a start.
    private var isHeld = false
    /// When to ask for a publication again that is due but was not made.
    var retry: MonotonicTime?
    private var lastByHand: MonotonicTime = DeviceState.never
    /// When falls were published, the oldest first, as far back as they count.
    private var falls: [MonotonicTime] = []

    /// More falls than can ever double a settle time on its way to the longest.
    private static let mostFalls = 64

    init() {}

    init(published: Presence?, lastOnline: MatrixTimestamp?) {
        self.published = published
        self.lastOnline = lastOnline
    }

    var standing: Presence { published ?? .offline }

    /// Takes note of the effective presence after something happened or a deadline came.
    ///
    /// - Parameter isHeld: whether a fall waits for the end of the time after a start. Where that is lifted before, the fall begins anew.
    mutating func presenceIs(
        _ presence: Presence, because cause: Cause, isHeld: Bool, at now: MonotonicTime,
        by periods: DevicePeriods
    ) {
        if cause == .hand { lastByHand = max(lastByHand, now) }
        if presence == standing {
            due = .nothing
            fallDue = nil
        } else if presence > standing {
            due = .rise
            fallDue = nil
        } else if cause == .hand {
            due = .change
            fallDue = nil
        } else if due != .change {
            due = .nothing
            if self.isHeld, !isHeld, now < periods.recoveryEnd { fallDue = nil }
            let time = fallDue ?? now.advanced(by: settle(at: now, by: periods))
            let end = isHeld ? max(time, periods.recoveryEnd) : time
            fallDue = end <= now ? nil : end
            if end <= now { due = .change }
        }
        self.isHeld = isHeld && fallDue != nil
        if due == .nothing { retry = nil }
    }

    /// What is to be published while this is the effective presence.
    func publication(of presence: Presence, at wall: MatrixTimestamp, by settings: PresenceSettings) -> Publication? {
        switch due {
        case .nothing: return nil
        case .rise: if presence <= standing { return nil }
        case .change: if presence == standing { return nil }
        }
        guard presence != .online, settings.publishesLastActive else { return Publication(presence: presence, lastActive: nil) }
        return Publication(presence: presence, lastActive: standing == .online ? wall : lastOnline.map { min($0, wall) })
    }

    /// Takes note that a publication stands. What differs from it by then is looked at the next time that presence is told.
    ///
    /// - Returns: whether somebody did something by hand since the publication was asked for.
    mutating func published(_ publication: Publication, at now: Now, by periods: DevicePeriods) -> Bool {
        if publication.presence < standing { noteFall(at: now.monotonic, by: periods) }
        if publication.presence == .online || standing == .online { lastOnline = publication.lastActive ?? now.wall }
        published = publication.presence
        due = .nothing
        fallDue = nil
        retry = nil
        return lastByHand >= now.monotonic
    }

    private mutating func noteFall(at now: MonotonicTime, by periods: DevicePeriods) {
        falls.removeAll { now >= $0.advanced(byNanoseconds: periods.fallWindow) }
        if falls.count == Self.mostFalls { falls.removeFirst() }
        falls.append(now)
    }

    /// How long a fall waits that begins now.
    func settle(at now: MonotonicTime, by periods: DevicePeriods) -> Duration {
        let settings = periods.settings
        var settle = settings.settle
        for fall in falls where now < fall.advanced(byNanoseconds: periods.fallWindow) {
            if settle >= settings.longestSettle { break }
            settle = min(settle + settle, settings.longestSettle)
        }
        return settle
    }

    var nextDeadline: MonotonicTime? {
        guard let fallDue else { return retry }
        return retry.map { min($0, fallDue) } ?? fallDue
    }

    /// Whether the user stands published as offline, as who has nothing is, and nothing else is left to be done or remembered.
    func isSettled(at now: MonotonicTime, by periods: DevicePeriods) -> Bool {
        standing == .offline && due == .nothing && fallDue == nil && retry == nil
            && falls.allSatisfy { now >= $0.advanced(byNanoseconds: periods.fallWindow) }
    }

    func checkInvariants() {
        precondition(due == .nothing || fallDue == nil, "a fall must not wait beside a publication that is due")
        precondition(retry == nil || due != .nothing, "only what is due may be tried again")
        precondition(standing != .offline || due != .change, "nothing falls from offline")
        precondition(falls.count <= Self.mostFalls, "falls must not pile up")
    }
}

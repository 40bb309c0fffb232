public import MatrixModel

/// Watches people through peeks and long polls, without saying anything about oneself.
///
/// The cycle: peek, sync with nothing, then sync on from token to token. Peeks are renewed in time; one that ended is asked for again, since
/// who lost sight of a person may gain it again. A lost connection heals by itself; only a login that is over, and a request that
/// will never be right, end it.
public struct Watcher: Sendable {
    /// What the watcher tells while it runs.
    public enum Event: Sendable {
        /// The first answer, or a later one that changed something.
        case people(Roster, changed: [Person])
        /// Some cannot be watched: their ids, and a sentence each.
        case refused([String: String])
        /// The connection is lost; the next attempt comes after this time.
        case lost(ConnectionError, retryIn: Duration)
        /// It is there again.
        case restored
    }

    /// The longest held request.
    static let longPoll: Duration = .seconds(30)
    static let longestRenewal: Duration = .seconds(1200)
    static let shortestRenewal: Duration = .seconds(5)
    /// The least time between two requests for peeks: peeks that end at once must not turn into a storm.
    static let peekPause: Duration = .seconds(1)

    let credentials: Credentials
    let users: [UserID]
    /// The wall clock: peeks expire by it.
    let now: @Sendable () -> MatrixTimestamp

    public init(credentials: Credentials, users: [UserID], now: @escaping @Sendable () -> MatrixTimestamp) {
        self.credentials = credentials
        self.users = users
        self.now = now
    }

    private struct Progress {
        var roster = Roster()
        var since: String?
        var filter: String?
        /// When to ask for the peeks (again); nil at once.
        var renewal: ContinuousClock.Instant?
        var lastPeek: ContinuousClock.Instant?
        var toldRefusals: [String: String] = [:]
    }

    /// Runs until it is cancelled.
    ///
    /// - Throws: ``ConnectionError`` that no waiting heals, what `tell` throws, or `CancellationError`.
    public func run(_ tell: @Sendable (Event) async throws -> Void) async throws {
        var progress = Progress()
        var backoff = Backoff()
        var isLost = false
        while true {
            try Task.checkCancellation()
            do {
                try await step(&progress, isLost: isLost, tell)
                if isLost { try await tell(.restored) }
                isLost = false
                backoff.succeeded()
            } catch let error as ConnectionError where error.isPassing {
                isLost = true
                var wait = backoff.wait(chance: Double.random(in: 0...1))
                if case .refused(_, _, _, let asked?) = error { wait = max(wait, min(asked, Backoff.longest)) }
                try await tell(.lost(error, retryIn: wait))
                try await Task.sleep(for: wait)
            } catch ConnectionError.refused(status: 400, _, _, _) where progress.since != nil {
                // The server does not know the token (any more): from the beginning.
                (progress.since, progress.filter, progress.renewal) = (nil, nil, nil)
            }
        }
    }

    /// Ends the peeks.
    public func end(_ roster: Roster) async {
        await withTaskGroup(of: Void.self) { group in
            for room in roster.watchedRooms.prefix(200) {
                group.addTask {
                    do {
                        try await credentials.connection.unpeek(room)
                    } catch {
                        // It was over already, or expires by itself.
                    }
                }
            }
        }
    }

    private func step(_ progress: inout Progress, isLost: Bool, _ tell: (Event) async throws -> Void) async throws {
        let clock = ContinuousClock()
        if progress.renewal.map({ clock.now >= $0 }) ?? true {
            try await peek(&progress, tell)
        }
        let untilRenewal = progress.renewal.map { $0 - clock.now } ?? .zero
        let isFirst = progress.since == nil
        // The first answer after a loss comes at once, so that it can be told that the loss is over.
        let timeout: Duration = isFirst || isLost ? .zero : max(.zero, min(Self.longPoll, untilRenewal))
        let answer = try await credentials.connection.sync(since: progress.since, timeout: timeout, filter: progress.filter)
        progress.since = answer.nextBatch
        let update = progress.roster.apply(answer.json)
        if isFirst || !update.changed.isEmpty { try await tell(.people(progress.roster, changed: update.changed)) }
        if !update.ended.isEmpty { progress.renewal = nil }
    }

    private func peek(_ progress: inout Progress, _ tell: (Event) async throws -> Void) async throws {
        let clock = ContinuousClock()
        if let last = progress.lastPeek, clock.now - last < Self.peekPause { try await clock.sleep(until: last + Self.peekPause) }
        progress.lastPeek = clock.now
        let peeks = try await credentials.connection.peekProfiles(users)
        let known = progress.roster.watchedRooms.count
        for (user, room) in peeks.rooms { progress.roster.watch(user, in: room) }
        if progress.filter == nil || progress.roster.watchedRooms.count != known {
            progress.filter = try await credentials.connection.storeFilter(
                for: progress.roster.watchedRooms, of: credentials.user)
        }
        let left = peeks.firstExpiry.map { Duration.milliseconds($0.milliseconds - now().milliseconds) / 2 }
        let wait = min(max(left ?? .seconds(60), Self.shortestRenewal), Self.longestRenewal)
        progress.renewal = clock.now + wait
        let news = peeks.refusals.filter { progress.toldRefusals[$0.key] != $0.value }
        progress.toldRefusals.merge(news) { _, new in new }
        if !news.isEmpty { try await tell(.refused(news)) }
    }
}

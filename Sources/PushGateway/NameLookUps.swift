import HearthRuntime
import HearthServices
import Synchronization

/// Finds the addresses of gateways' hosts: what was found is kept for a minute, and a host is asked for once however many wait for it.
///
/// The names come from users, and the servers of those names may take as long as they like. So look-ups have threads of their own,
/// and those of hosts that were found before do not wait behind names that nobody has found yet.
/// State: guarded by its lock. Every look-up ends, and then goes to all who wait for it.
final class NameLookUps: Sendable {
    private let lifetime: Duration
    static let mostKnown = 4_096
    /// Names that wait for their turn, of each of the two kinds; any more count as not found.
    static let mostWaiting = 64
    /// A name that took longer is no known one from then on.
    static let slowAfter: Duration = .seconds(2)

    private struct Known {
        let addresses: [String]
        let found: ContinuousClock.Instant
    }

    /// Names that were found before, and names that were not: neither kind waits for the other.
    private enum Kind: Hashable {
        case known, new

        var mostAtOnce: Int { self == .known ? 2 : 4 }
    }

    private struct State {
        var known: [String: Known] = [:]
        var asking: [String: [Waiting]] = [:]
        var running: [Kind: Int] = [:]
        var turns: [Kind: [String]] = [:]
    }

    private let state = Mutex(State())
    private let lookUp: @Sendable (String) -> [String]

    /// - Parameters:
    ///   - lifetime: for how long what was found is kept.
    ///   - lookUp: asks the system, and may block.
    init(lifetime: Duration = .seconds(60), lookUp: @escaping @Sendable (String) -> [String] = HostAddresses.lookUp) {
        self.lifetime = lifetime
        self.lookUp = lookUp
    }

    /// Whoever asks does not wait once cancelled.
    ///
    /// - Returns: the addresses as texts, in the order in which the system would try them; none for a name that has none.
    func addresses(of host: String) async throws -> [String] {
        let waiting = Waiting()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard waiting.begin(continuation) else { return }
                find(host, for: waiting)
            }
        } onCancel: {
            waiting.end(with: .failure(CancellationError()))
        }
    }

    private enum Step {
        case answer([String])
        case wait
        case start(Kind)
    }

    private func find(_ host: String, for waiting: Waiting) {
        let step = state.withLock { state -> Step in
            let known = state.known[host]
            if let known, ContinuousClock.now - known.found < lifetime { return .answer(known.addresses) }
            if state.asking[host] != nil {
                state.asking[host]?.append(waiting)
                return .wait
            }
            let kind = known == nil ? Kind.new : .known
            if state.running[kind, default: 0] < kind.mostAtOnce {
                state.running[kind, default: 0] += 1
                state.asking[host] = [waiting]
                return .start(kind)
            }
            guard state.turns[kind, default: []].count < Self.mostWaiting else { return .answer([]) }
            state.turns[kind, default: []].append(host)
            state.asking[host] = [waiting]
            return .wait
        }
        switch step {
        case .answer(let addresses): waiting.end(with: .success(addresses))
        case .wait: return
        case .start(let kind): OwnThread.run("hearth.name") { self.run(host, kind) }
        }
    }

    private func run(_ host: String, _ kind: Kind) {
        let began = ContinuousClock.now
        let addresses = lookUp(host)
        let isSlow = ContinuousClock.now - began > Self.slowAfter
        let (waiting, next) = state.withLock { state in
            if addresses.isEmpty || isSlow {
                state.known[host] = nil
            } else {
                if state.known[host] == nil, state.known.count >= Self.mostKnown { Self.forgetOldest(in: &state) }
                state.known[host] = Known(addresses: addresses, found: .now)
            }
            let waiting = state.asking.removeValue(forKey: host) ?? []
            return (waiting, Self.nextTurn(of: kind, in: &state))
        }
        for one in waiting { one.end(with: .success(addresses)) }
        if let next { OwnThread.run("hearth.name") { self.run(next, kind) } }
    }

    /// Forgets an eighth of the names, those that were found the longest ago: the others do not become new by it.
    private static func forgetOldest(in state: inout State) {
        let oldest = state.known.sorted { $0.value.found < $1.value.found }.prefix(mostKnown / 8)
        for (host, _) in oldest { state.known[host] = nil }
    }

    /// The next name that somebody still waits for; without one, there is a place free.
    private static func nextTurn(of kind: Kind, in state: inout State) -> String? {
        while state.turns[kind]?.isEmpty == false {
            guard let host = state.turns[kind]?.removeFirst() else { break }
            if state.asking[host]?.allSatisfy(\.isOver) == false { return host }
            state.asking[host] = nil
        }
        state.running[kind, default: 1] -= 1
        return nil
    }
}

/// Somebody who waits for a look-up: ended once, by what comes first.
private final class Waiting: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<[String], any Error>)
        case over
    }

    private let state = Mutex(State.idle)

    var isOver: Bool {
        state.withLock { state in
            if case .over = state { return true }
            return false
        }
    }

    /// False when it is over already: the continuation was completed with a cancellation.
    func begin(_ continuation: CheckedContinuation<[String], any Error>) -> Bool {
        let isOver = state.withLock { state -> Bool in
            if case .over = state { return true }
            state = .waiting(continuation)
            return false
        }
        if isOver { continuation.resume(throwing: CancellationError()) }
        return !isOver
    }

    func end(with result: Result<[String], any Error>) {
        let waiting = state.withLock { state -> CheckedContinuation<[String], any Error>? in
            defer { state = .over }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume(with: result)
    }
}

import DequeModule
import Dispatch
import Synchronization

/// Makes and checks password hashes beside the cooperative pool: at most two at a time, a bounded number waiting, the rest refused.
///
/// A hash takes tens of milliseconds and megabytes on purpose: run freely, a hundred logins would take all threads and the memory
/// with them. State: guarded by its lock; jobs run on a queue of their own.
final class PasswordHasher: Sendable {
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "hearth.passwords", attributes: .concurrent)
    private let cost: Int
    private let decoy: PasswordHash
    private let mostAtOnce: Int
    private let mostWaiting: Int

    private struct State: Sendable {
        var running = 0
        var waiting: Deque<@Sendable () -> Void> = []
    }

    init(cost: Int, mostAtOnce: Int = 2, mostWaiting: Int = 64) {
        self.cost = cost
        self.mostAtOnce = mostAtOnce
        self.mostWaiting = mostWaiting
        decoy = PasswordHash.decoy(cost: cost)
    }

    /// The stored form of a password of 1 to 512 bytes.
    ///
    /// - Throws: ``AccountError/rateLimited(retryAfter:)`` when too many wait.
    func hash(_ password: String) async throws(AccountError) -> String {
        let cost = cost
        return try await run { () throws(AccountError) in try PasswordHash.make(of: password, cost: cost).encoded }
    }

    /// Whether the password is the stored one. Without a stored one it takes as long and is false.
    ///
    /// - Throws: ``AccountError/rateLimited(retryAfter:)`` when too many wait.
    func verify(_ password: String, against stored: String?) async throws(AccountError) -> Bool {
        let real = stored.flatMap { PasswordHash($0) }
        let hash = real ?? decoy
        let matches = try await run { () throws(AccountError) in try hash.matches(password) }
        return matches && real != nil
    }

    private func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(AccountError) -> Value
    ) async throws(AccountError) -> Value {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, AccountError>, Never>) in
            let isTaken = enqueue { continuation.resume(returning: Result(catching: work)) }
            if !isTaken { continuation.resume(returning: .failure(.rateLimited(retryAfter: .seconds(1)))) }
        }
        return try result.get()
    }

    /// Starts the job, or lets it wait; false when too many wait already.
    private func enqueue(_ job: @escaping @Sendable () -> Void) -> Bool {
        let (isTaken, startsNow) = state.withLock { state in
            if state.running < mostAtOnce {
                state.running += 1
                return (true, true)
            }
            guard state.waiting.count < mostWaiting else { return (false, false) }
            state.waiting.append(job)
            return (true, false)
        }
        if startsNow { start(job) }
        return isTaken
    }

    private func start(_ job: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            job()
            let next = state.withLock { state -> (@Sendable () -> Void)? in
                let next = state.waiting.popFirst()
                if next == nil { state.running -= 1 }
                return next
            }
            if let next { start(next) }
        }
    }
}

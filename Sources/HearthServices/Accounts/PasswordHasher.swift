import HearthRuntime
import Synchronization

/// Makes and checks password hashes beside the cooperative pool: at most two at a time, a bounded number waiting, the rest refused.
///
/// A hash takes a tenth of a second and megabytes on purpose: run freely, a hundred logins would take all threads and the memory
/// with them. Who waits takes turns (``HashTurns``). State: guarded by its lock; jobs run on threads of their own
/// (``OwnThread``).
final class PasswordHasher: Sendable {
    private let state: Mutex<State>
    private let parameters: ScryptParameters
    private let decoy: PasswordHash
    private let mostAtOnce: Int

    private struct State: Sendable {
        var running = 0
        var waiting: HashTurns<Job>
    }

    private struct Job: Sendable {
        let run: @Sendable () -> Void
        let refuse: @Sendable () -> Void
    }

    /// - Parameter mostWaiting: how many known askers may wait, and how many strangers.
    init(parameters: ScryptParameters, mostAtOnce: Int = 2, mostWaiting: Int = 64) {
        self.parameters = parameters
        self.mostAtOnce = mostAtOnce
        state = Mutex(State(waiting: HashTurns(capacity: mostWaiting)))
        decoy = PasswordHash.decoy(parameters: parameters)
    }

    /// The stored form of a password of 1 to 512 bytes.
    ///
    /// - Throws: ``AccountError/rateLimited(retryAfter:)`` when too many wait.
    func hash(_ password: String, for asker: HashAsker) async throws(AccountError) -> String {
        let parameters = parameters
        return try await run(for: asker) { () throws(AccountError) in
            try PasswordHash.make(of: password, parameters: parameters).encoded
        }
    }

    /// Whether the password is the stored one. Without a stored one it takes as long and is false.
    ///
    /// - Throws: ``AccountError/rateLimited(retryAfter:)`` when too many wait.
    func verify(_ password: String, against stored: String?, for asker: HashAsker) async throws(AccountError) -> Bool {
        let real = stored.flatMap { PasswordHash($0) }
        let hash = real ?? decoy
        let parameters = parameters
        let matches = try await run(for: asker) { () throws(AccountError) in
            try hash.matches(password, asSlowAs: parameters)
        }
        return matches && real != nil
    }

    /// Whether a stored hash was made with other parameters than the settings ask for now.
    func isOutdated(_ stored: String) -> Bool { PasswordHash(stored)?.parameters != parameters }

    private func run<Value: Sendable>(
        for asker: HashAsker, _ work: @escaping @Sendable () throws(AccountError) -> Value
    ) async throws(AccountError) -> Value {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, AccountError>, Never>) in
            let job = Job {
                continuation.resume(returning: Result(catching: work))
            } refuse: {
                continuation.resume(returning: .failure(.rateLimited(retryAfter: .seconds(1))))
            }
            enqueue(job, of: asker)
        }
        return try result.get()
    }

    /// Starts the job, or lets it wait; where too many wait, one of them is refused.
    private func enqueue(_ job: Job, of asker: HashAsker) {
        let (startsNow, refused) = state.withLock { state -> (Bool, Job?) in
            if state.running < mostAtOnce {
                state.running += 1
                return (true, nil)
            }
            return (false, state.waiting.add(job, of: asker))
        }
        if startsNow { start(job) }
        refused?.refuse()
    }

    private func start(_ job: Job) {
        OwnThread.run("hearth.password") { [self] in
            job.run()
            let next = state.withLock { state -> Job? in
                let next = state.waiting.next()
                if next == nil { state.running -= 1 }
                return next
            }
            if let next { start(next) }
        }
    }
}

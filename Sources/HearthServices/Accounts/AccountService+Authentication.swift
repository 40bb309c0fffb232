import MatrixModel
import Synchronization

/// A request that has authenticated itself far enough.
struct UIAPass: Sendable {
    let session: String?
    let registrationToken: String?
}

/// Guards the ``UIASessions`` with a lock and makes their ids.
final class UIASessionBook: Sendable {
    private let sessions = Mutex(UIASessions())

    func open(for operation: UIAOperation, now: Now) -> String {
        let id = SecureRandom.text(24, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        sessions.withLock { $0.open(id, for: operation, now: now.monotonic) }
        return id
    }

    func session(_ id: String, for operation: UIAOperation, now: Now) -> UIASessions.Session? {
        sessions.withLock { $0.session(id, for: operation, now: now.monotonic) }
    }

    func complete(_ stage: UIAStage, in id: String, registrationToken: String?) {
        sessions.withLock { $0.complete(stage, in: id, registrationToken: registrationToken) }
    }

    /// Ends the session of an operation that is done.
    func end(_ pass: UIAPass) {
        if let id = pass.session { sessions.withLock { $0.end(id) } }
    }
}

extension AccountService {
    /// Lets a request through whose `auth` completes the one stage that its operation asks for.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#user-interactive-api-in-the-rest-api). The session may be left out; an
    /// expired one, and one of another operation, leads to a new challenge. A completed stage holds for the session, so that a
    /// request that failed for another reason may come again with nothing but it.
    ///
    /// - Parameter verify: returns why an attempt at this stage fails; nil lets it pass.
    func authenticate(
        _ auth: UIAuth?, for operation: UIAOperation, stage: UIAStage,
        verify: (UIAuth.Attempt) async throws(AccountError) -> UIAChallenge.Failure?
    ) async throws(AccountError) -> UIAPass {
        let now = writer.clock.now()
        let known = auth?.session.flatMap { id in sessions.session(id, for: operation, now: now).map { (id: id, session: $0) } }
        func challenge(_ failure: UIAChallenge.Failure? = nil) -> AccountError {
            .authenticationNeeded(
                UIAChallenge(
                    flows: [[stage]], session: known?.id ?? sessions.open(for: operation, now: now),
                    completed: known?.session.completed.contains(stage) == true ? [stage] : [], failure: failure))
        }
        guard let auth else { throw challenge() }
        if auth.session != nil, known == nil { throw challenge() }
        guard let attempt = auth.attempt else {
            guard let known, known.session.completed.contains(stage) else { throw challenge() }
            return UIAPass(session: known.id, registrationToken: known.session.registrationToken)
        }
        guard attempt.stage == stage else {
            throw challenge(UIAChallenge.Failure(code: .unrecognized, sentence: "This stage is not one of the flows."))
        }
        if let failure = try await verify(attempt) { throw challenge(failure) }
        var registrationToken: String?
        if case .registrationToken(let token) = attempt { registrationToken = token }
        if let known { sessions.complete(stage, in: known.id, registrationToken: registrationToken) }
        return UIAPass(session: known?.id, registrationToken: registrationToken)
    }
}

import Crypto
import HearthRuntime
import HearthStore
import MatrixModel

/// A request that has authenticated itself far enough.
struct UIAPass: Sendable {
    let request: UIARequest
    let session: String?
    let completion: UIASessions.Completion

    var registrationToken: String? { completion.registrationToken }
}

/// What an attempt at a stage came to.
enum UIAVerdict: Sendable {
    case passed(UIASessions.Completion)
    case failed(UIAChallenge.Failure)
}

extension AccountService {
    /// Lets a request through whose `auth` completes the one stage that its operation asks for.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#user-interactive-api-in-the-rest-api). The session may be left out; an
    /// expired one, and one of another operation or device, leads to a new challenge. A completed stage holds for the session, so that the
    /// same request may come again with nothing but it after it failed for another reason.
    func authenticate(
        _ auth: UIAuth?, for request: UIARequest, stage: UIAStage,
        verify: (UIAuth.Attempt) async throws(AccountError) -> UIAVerdict
    ) async throws(AccountError) -> UIAPass {
        let now = clock.now()
        let known = auth?.session.flatMap { id in sessions.session(id, for: request, now: now).map { (id: id, session: $0) } }
        let completion = known?.session.completed[stage].flatMap { $0.digest == request.digest ? $0 : nil }
        func challenge(_ failure: UIAChallenge.Failure? = nil) -> AccountError {
            .authenticationNeeded(
                UIAChallenge(
                    flows: [[stage]], session: known?.id ?? sessions.open(for: request, now: now),
                    completed: completion == nil ? [] : [stage], failure: failure))
        }
        guard let auth else { throw challenge() }
        if auth.session != nil, known == nil { throw challenge() }
        guard let attempt = auth.attempt else {
            guard let known, let completion else { throw challenge() }
            return UIAPass(request: request, session: known.id, completion: completion)
        }
        guard attempt.stage == stage else {
            throw challenge(UIAChallenge.Failure(code: .unrecognized, sentence: "This stage is not one of the flows."))
        }
        switch try await verify(attempt) {
        case .failed(let failure): throw challenge(failure)
        case .passed(var completion):
            completion.digest = request.digest
            if let known { sessions.complete(stage, in: known.id, of: request, by: completion) }
            return UIAPass(request: request, session: known?.id, completion: completion)
        }
    }

    // MARK: The user's own password

    /// How often something is tried again because the password was changed while it was looked at.
    static let mostTries = 3

    /// Does something that takes the requester's password once more.
    ///
    /// - Parameter body: does it inside an operation of the writer, if ``stands(_:for:in:)`` says so there; else it returns nil, and the
    ///   password is looked at again.
    func confirmed<Value: Sendable>(
        _ operation: UIAOperation, digest: [UInt8] = [], by requester: Requester, auth: UIAuth?,
        _ body: (UIAPass) async throws(AccountError) -> Value?
    ) async throws(AccountError) -> Value {
        for _ in 0..<Self.mostTries {
            let pass = try await authenticate(auth, for: operation, digest: digest, byPasswordOf: requester)
            if let value = try await body(pass) {
                sessions.end(pass)
                return value
            }
            sessions.reopen(pass)
        }
        throw .rateLimited(retryAfter: .seconds(1))
    }

    /// Lets a request through that brings the requester's own password.
    func authenticate(
        _ auth: UIAuth?, for operation: UIAOperation, digest: [UInt8] = [], byPasswordOf requester: Requester
    ) async throws(AccountError) -> UIAPass {
        let request = UIARequest(operation: operation, owner: .device(requester.key), digest: digest)
        return try await authenticate(auth, for: request, stage: .password) { attempt throws(AccountError) in
            let failure = UIAChallenge.Failure(code: .forbidden, sentence: "This is not the password.")
            guard case .password(let name, let password) = attempt, try await self.account(named: name) == requester.user,
                let proof = try await self.prove(password, of: requester)
            else { return .failed(failure) }
            return .passed(UIASessions.Completion(proof: proof))
        }
    }

    /// Whether what a request has proven is still so: the password is the user's, and the device logged in. Asked inside the operation that
    /// it allows.
    ///
    /// - Throws: ``AccountError/userDeactivated``, ``AccountError/unknownToken``, or the store's error.
    func stands(_ pass: UIAPass, for requester: Requester, in context: WriteContext) throws -> Bool {
        guard let proof = pass.completion.proof, try proof.stands(in: context) else { return false }
        try context.requireDevice(requester.key)
        return true
    }

    /// Keeps apart what is confirmed with a password, without keeping it: a hash with a salt of this process.
    func digest(_ parts: [UInt8]...) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: digestSalt)
        for part in parts {
            hash.update(data: Array("\(part.count) ".utf8))
            hash.update(data: part)
        }
        return Array(hash.finalize())
    }
}

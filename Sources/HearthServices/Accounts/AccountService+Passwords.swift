import HearthRuntime
import HearthStore
import MatrixModel
import Synchronization

extension AccountService {
    /// Looks at a password that somebody without a token brings, from wherever that is.
    ///
    /// Whether the user does not exist or the password is wrong shows neither in the answer nor in how long it takes. Failures count
    /// against the account: in the network that they come from, and more widely in all that its user has not logged in from.
    ///
    /// - Throws: ``AccountError/wrongCredentials``, ``AccountError/userDeactivated`` to who knows the password,
    ///   ``AccountError/rateLimited(retryAfter:)``, or the store's error.
    func prove(_ password: String, of name: String, from address: ClientAddress) async throws(AccountError) -> ProvenPassword {
        guard (1...PasswordRules.longest).contains(password.utf8.count) else { throw .wrongCredentials }
        let network = address.rateLimitKey
        guard let user = try await account(named: name) else {
            _ = try await passwords.verify(password, against: nil, for: .stranger(network))
            throw .wrongCredentials
        }
        let isKnown = knownNetworks.withLock { $0.contains(user, at: network) }
        var buckets = [AccountLimits.Bucket.wrongLogin(user, at: network)]
        if !isKnown { buckets.append(.wrongLoginAnywhere(user)) }
        let asker: HashAsker = isKnown ? .known(user.rawValue) : .stranger(network)
        let (proof, isDeactivated) = try await prove(password, of: user, counting: buckets, for: asker)
        guard let proof else { throw .wrongCredentials }
        if isDeactivated { throw .userDeactivated }
        return proof
    }

    /// Looks at the password that somebody brings beside a valid token; nil if it is wrong.
    func prove(_ password: String, of requester: Requester) async throws(AccountError) -> ProvenPassword? {
        guard (1...PasswordRules.longest).contains(password.utf8.count) else { return nil }
        let all = AccountLimits.Bucket.confirmation(requester.key, isWrong: false)
        try limits.take([all], now: clock.now())
        let (proof, isDeactivated) = try await prove(
            password, of: requester.user, counting: [.confirmation(requester.key, isWrong: true)],
            for: .known(requester.user.rawValue))
        if proof != nil, isDeactivated { throw .userDeactivated }
        return proof
    }

    /// - Parameter buckets: what a wrong password counts against.
    private func prove(
        _ password: String, of user: UserID, counting buckets: [AccountLimits.Bucket], for asker: HashAsker
    ) async throws(AccountError) -> (proof: ProvenPassword?, isDeactivated: Bool) {
        try limits.take(buckets, now: clock.now())
        let stored: StoredUser?
        let matches: Bool
        do throws(AccountError) {
            stored = try await read { try $0.users.user(user) }
            matches = try await passwords.verify(password, against: stored?.passwordHash, for: asker)
        } catch {
            // Nothing was learned about the password: the attempt does not count.
            limits.giveBack(buckets, now: clock.now())
            throw error
        }
        guard matches, let stored, let hash = stored.passwordHash else { return (nil, false) }
        limits.giveBack(buckets, now: clock.now())
        return (ProvenPassword(user: user, hash: hash), stored.isDeactivated)
    }

    /// The password hashed as the settings ask for it now, where the proof's hash is of other settings; nil where it is not, or where there
    /// is no time for it.
    func renewedHash(_ password: String, for proof: ProvenPassword) async throws(AccountError) -> String? {
        guard passwords.isOutdated(proof.hash) else { return nil }
        do throws(AccountError) {
            return try await passwords.hash(password, for: .known(proof.user.rawValue))
        } catch .rateLimited {
            return nil
        }
    }

    /// Gives a user another password, inside an operation: what was confirmed with the one before is void.
    func setPassword(hash: String, of user: UserID, in context: WriteContext) throws {
        try context.transaction.users.setPasswordHash(hash, of: user)
        context.afterCommit { [self] in sessions.endAll(of: user) }
    }

    /// The account that a user id or a localpart names, existing or not: the one that is spelled so, else the one in small letters, as all new
    /// ones are. Clients and people write names with a capital.
    func account(named name: String) async throws(AccountError) -> UserID? {
        guard let user = localUser(named: name) else { return nil }
        guard !user.isStrict, let small = UserID(localpart: user.localpart.lowercased(), server: user.server),
            small != server.hearth
        else { return user }
        return try await read({ try $0.users.user(user) }) == nil ? small : user
    }

    /// A user id or a localpart as a user of this server who may log in; existing or not.
    private func localUser(named name: String) -> UserID? {
        let isWhole = name.utf8.first == UInt8(ascii: "@")
        guard let user = isWhole ? UserID(name) : UserID(localpart: name, server: server.name),
            server.isLocal(user), user != server.hearth
        else { return nil }
        return user
    }
}

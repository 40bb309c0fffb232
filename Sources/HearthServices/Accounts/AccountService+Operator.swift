public import HearthStore
public import MatrixModel
import Synchronization

/// What an operator does with other people's accounts, without their passwords. Whoever calls this has checked who asks.
extension AccountService {
    /// Who asks for the operator's passwords to be hashed; no user's id.
    static let theOperator = HashAsker.known("operator")

    /// Accounts in the order of their ids, deactivated ones too: at most `limit` of those after an id.
    ///
    /// - Parameters:
    ///   - text: what their ids contain, whatever the case of its letters; empty for all.
    ///   - after: the last id of the page before; empty for the first page.
    public func users(containing text: String, after: String, limit: Int) async throws(AccountError) -> [ListedUser] {
        try await read { try $0.users.list(containing: text, after: after, limit: limit) }
    }

    /// One account.
    public func listedUser(_ user: UserID) async throws(AccountError) -> ListedUser {
        guard let listed = try await read({ try $0.users.listed(user) }) else { throw .userNotFound }
        return listed
    }

    /// How many accounts there are that were not deactivated.
    public func userCount() async throws(AccountError) -> Int { try await read { try $0.users.activeCount() } }

    /// Ends an account for good, as its user could; does nothing to one that has ended.
    public func deactivate(_ user: UserID) async throws(AccountError) {
        try await write { context in
            guard let stored = try context.transaction.users.user(user) else { throw AccountError.userNotFound }
            // Where the account's row cannot be read it counts as ended, though its devices may be logged in.
            if try stored.isDeactivated && context.transaction.devices.keys(of: user).isEmpty { return }
            try self.end(user, in: context)
        }
    }

    /// Gives a user a new password. Whatever was begun with the old one, such as a log-in, gets no further.
    ///
    /// - Parameter logsOutDevices: whether all of the user's devices are logged out.
    public func resetPassword(of user: UserID, to password: String, logsOutDevices: Bool) async throws(AccountError) {
        guard let stored = try await read({ try $0.users.user(user) }) else { throw .userNotFound }
        if stored.isDeactivated { throw .userDeactivated }
        try PasswordRules.check(password)
        let hash = try await passwords.hash(password, for: Self.theOperator)
        try await write { context in
            guard try context.transaction.users.user(user)?.isDeactivated == false else { throw AccountError.userDeactivated }
            try self.setPassword(hash: hash, of: user, in: context)
            // Whoever knew the old one may have logged in from anywhere.
            context.afterCommit { self.knownNetworks.withLock { $0.forget(user) } }
            guard logsOutDevices else { return }
            for key in try context.transaction.devices.keys(of: user) { try self.end(key, in: context) }
        }
    }

    /// All registration tokens, used up ones too, in the order of their texts.
    public func registrationTokens() async throws(AccountError) -> [StoredRegistrationToken] {
        try await read { try $0.registrationTokens.all() }
    }

    /// Makes a registration token void and forgets it.
    public func removeRegistrationToken(_ token: String) async throws(AccountError) {
        try await write { context in
            guard try context.transaction.registrationTokens.delete(token) else { throw AccountError.registrationTokenNotFound }
        }
    }
}

import HearthStore
import MatrixModel

extension AccountService {
    /// Sets a new password for the requester, who gives the old one once more; the device that asks stays logged in. What was confirmed
    /// with the old one is void.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3accountpassword).
    ///
    /// - Parameter logsOutDevices: whether all other devices are logged out.
    public func changePassword(
        to password: String?, by requester: Requester, logsOutDevices: Bool, auth: UIAuth?
    ) async throws(AccountError) {
        let digest = digest(Array((password ?? "").utf8), [logsOutDevices ? 1 : 0])
        try await confirmed(.passwordChange, digest: digest, by: requester, auth: auth) { pass throws(AccountError) in
            guard let password else { throw .passwordMissing }
            try PasswordRules.check(password)
            let hash = try await self.passwords.hash(password, for: .known(requester.user.rawValue))
            return try await self.write { context in
                guard try self.stands(pass, for: requester, in: context) else { return Void?.none }
                try self.setPassword(hash: hash, of: requester.user, in: context)
                for follower in self.followers { try follower.passwordChanged(by: requester.key, in: context) }
                guard logsOutDevices else { return () }
                for key in try context.transaction.devices.keys(of: requester.user) where key != requester.key {
                    try self.end(key, in: context)
                }
                return ()
            }
        }
    }

    /// Ends the requester's account for good, in one commit; nobody gets the name again.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3accountdeactivate). Presence goes offline, status and
    /// profile are emptied, all peeks into the profile room end and the room is served no more; the user leaves all rooms, and all
    /// devices are logged out; keys, key backups, filters and account data are deleted.
    ///
    /// - Parameter erases: whether what the user sent is shown redacted to those who come into its rooms from now on.
    public func deactivate(_ requester: Requester, erases: Bool = false, auth: UIAuth?) async throws(AccountError) {
        let digest = erases ? digest([1]) : []
        try await confirmed(.deactivation, digest: digest, by: requester, auth: auth) { pass throws(AccountError) in
            try await self.write { context in
                guard try self.stands(pass, for: requester, in: context) else { return Void?.none }
                if erases { try context.transaction.erasures.insert(requester.user, at: context.nextPosition()) }
                try self.end(requester.user, in: context)
                return ()
            }
        }
    }

    /// Ends an account. Where parts of it have ended already, that changes nothing.
    func end(_ user: UserID, in context: WriteContext) throws {
        for follower in followers { try follower.accountEnds(user, in: context) }
        for key in try context.transaction.devices.keys(of: user) { try end(key, in: context) }
        try context.transaction.users.deactivate(user)
        context.forgetProfileRoom(of: user)
        context.afterCommit { [self] in sessions.endAll(of: user) }
        tokens.noteNoAdmin(user, in: context)
    }
}

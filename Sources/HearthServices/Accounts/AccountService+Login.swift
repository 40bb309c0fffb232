import HearthStore
import MatrixModel

extension AccountService {
    /// Logs in with a password, on a new device or on one of the user's own.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3login). Whether the user does not exist or the
    /// password is wrong shows neither in the answer nor in how long it takes.
    public func logIn(_ request: LoginRequest, from address: ClientAddress) async throws(AccountError) -> LoginAnswer {
        try Self.check(displayName: request.initialDeviceDisplayName)
        try limits.take(.loginByAddress, for: address.rateLimitKey, now: writer.clock.now())
        let user = try await checkPassword(of: request.user, request.password)
        let key = DeviceKey(user: user, device: request.deviceID ?? Self.newDeviceID())
        return try await write { context in
            guard try context.transaction.users.user(user)?.isDeactivated == false else { throw AccountError.userDeactivated }
            return try self.logIn(key, displayName: request.initialDeviceDisplayName, in: context)
        }
    }

    /// Ends the requester's device.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3logout).
    public func logOut(_ requester: Requester) async throws(AccountError) {
        try await write { try self.end(requester.key, in: $0) }
    }

    /// Ends all devices of the requester's user.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3logoutall).
    public func logOutAll(_ requester: Requester) async throws(AccountError) {
        try await write { context in
            for device in try context.transaction.devices.devices(of: requester.user) { try self.end(device.key, in: context) }
        }
    }

    /// The user whom name and password belong to. Failures count against the account.
    func checkPassword(of name: String, _ password: String) async throws(AccountError) -> UserID {
        guard (1...PasswordRules.longest).contains(password.utf8.count) else { throw .wrongCredentials }
        let user = localUser(named: name)
        if let user { try limits.take(.loginByAccount, for: user.rawValue, now: writer.clock.now()) }
        let stored: StoredUser?
        let matches: Bool
        do throws(AccountError) {
            stored = if let user { try await read { try $0.users.user(user) } } else { nil }
            matches = try await passwords.verify(password, against: stored?.passwordHash)
        } catch {
            // Nothing was learned about the password: the attempt does not count.
            if let user { limits.giveBack(.loginByAccount, for: user.rawValue, now: writer.clock.now()) }
            throw error
        }
        guard matches, let user, let stored else { throw .wrongCredentials }
        limits.giveBack(.loginByAccount, for: user.rawValue, now: writer.clock.now())
        if stored.isDeactivated { throw .userDeactivated }
        return user
    }

    /// A user id or a localpart as a user of this server who may log in; existing or not.
    private func localUser(named name: String) -> UserID? {
        let isWhole = name.utf8.first == UInt8(ascii: "@")
        guard let user = isWhole ? UserID(name) : UserID(localpart: name, server: writer.server.name),
            writer.server.isLocal(user), user != writer.server.hearth
        else { return nil }
        return user
    }
}

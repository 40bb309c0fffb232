public import HearthStore
public import MatrixModel

extension AccountService {
    /// The user's devices in the order of their ids.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3devices).
    public func devices(of user: UserID) async throws(AccountError) -> [StoredDevice] {
        try await read { try $0.devices.devices(of: user) }
    }

    /// One of the user's devices.
    public func device(_ key: DeviceKey) async throws(AccountError) -> StoredDevice {
        guard let device = try await read({ try $0.devices.device(key) }) else { throw .deviceNotFound }
        return device
    }

    /// Names a device. Nil leaves the name as it is, as the spec says of an absent one.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3devicesdeviceid).
    public func setDisplayName(_ name: String?, of key: DeviceKey) async throws(AccountError) {
        try Self.check(displayName: name)
        try await write { context in
            guard let device = try context.transaction.devices.device(key) else { throw AccountError.deviceNotFound }
            guard let name else { return }
            try context.transaction.devices.setDisplayName(name, of: key)
            try self.noteName(name, of: key, after: device.displayName, in: context)
        }
    }

    /// Deletes devices of the requester's user, who gives the password once more. Ids that are no devices (any more) are passed over.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3delete_devices).
    public func deleteDevices(_ devices: [DeviceID], by requester: Requester, auth: UIAuth?) async throws(AccountError) {
        let pass = try await authenticate(auth, for: .deviceDeletion(requester.user, devices), byPasswordOf: requester)
        try await write { context in
            for device in devices {
                let key = DeviceKey(user: requester.user, device: device)
                if try context.transaction.devices.device(key) != nil { try self.end(key, in: context) }
            }
        }
        sessions.end(pass)
    }

    /// Lets a request through that brings the requester's own password.
    func authenticate(
        _ auth: UIAuth?, for operation: UIAOperation, byPasswordOf requester: Requester
    ) async throws(AccountError) -> UIAPass {
        try await authenticate(auth, for: operation, stage: .password) { attempt throws(AccountError) in
            guard case .password(let user, let password) = attempt else { return nil }
            return try await self.refusal(ofPassword: password, of: user, expecting: requester.user)
        }
    }

    private func refusal(
        ofPassword password: String, of name: String, expecting user: UserID
    ) async throws(AccountError) -> UIAChallenge.Failure? {
        do throws(AccountError) {
            if try await checkPassword(of: name, password) == user { return nil }
        } catch {
            guard error == .wrongCredentials else { throw error }
        }
        return UIAChallenge.Failure(code: .forbidden, sentence: "This is not the password.")
    }
}

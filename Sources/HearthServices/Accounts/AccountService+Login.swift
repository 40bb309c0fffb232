public import HearthRuntime
import HearthStore
import MatrixModel
import Synchronization

extension AccountService {
    /// Logs in with a password, on a new device or on one of the user's own.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3login). If the password is changed while it is
    /// looked at, it is looked at again. A hash of earlier settings is replaced by one of today's.
    public func logIn(_ request: LoginRequest, from address: ClientAddress) async throws(AccountError) -> LoginAnswer {
        try Self.check(displayName: request.initialDeviceDisplayName)
        for _ in 0..<Self.mostTries {
            try limits.take(.loginByAddress, for: address.rateLimitKey, now: clock.now())
            let proof = try await prove(request.password, of: request.user, from: address)
            let now = clock.now()
            try limits.take(.rightLogin, for: proof.user.rawValue, now: now)
            let renewed = try await renewedHash(request.password, for: proof)
            guard let answer = try await logIn(request, by: proof, renewedHash: renewed) else { continue }
            knownNetworks.withLock { $0.note(proof.user, at: address.rateLimitKey, now: now.monotonic) }
            return answer
        }
        throw .rateLimited(retryAfter: .seconds(1))
    }

    /// Makes the device and its token; nil where the proof does not stand any more.
    func logIn(
        _ request: LoginRequest, by proof: ProvenPassword, renewedHash: String? = nil
    ) async throws(AccountError) -> LoginAnswer? {
        let key = DeviceKey(user: proof.user, device: request.deviceID ?? Self.newDeviceID())
        return try await write { context in
            guard try proof.stands(in: context) else { return nil }
            // The same password: nothing that was confirmed with it ends.
            if let renewedHash { try context.transaction.users.setPasswordHash(renewedHash, of: proof.user) }
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
            for key in try context.transaction.devices.keys(of: requester.user) { try self.end(key, in: context) }
        }
    }
}

public import HearthRuntime
import HearthStore
import MatrixModel

extension AccountService {
    /// Makes a token with which people register where registration is not open; for the operator alone.
    ///
    /// - Parameters:
    ///   - uses: how many accounts it is good for; nil for any number.
    ///   - lifetime: how long it is good; nil for ever.
    public func createRegistrationToken(uses: Int?, lifetime: Duration?) async throws(AccountError) -> String {
        let token = SecureRandom.letters(16)
        try await write { context in
            try context.transaction.registrationTokens.insert(
                token, usesAllowed: uses, expires: lifetime.map { context.now.wall.advanced(by: $0) })
        }
        return token
    }

    /// Whether a registration with this token would be taken now. Asking is limited like asking for names.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1registermloginregistration_tokenvalidity).
    public func isValid(registrationToken: String, from address: ClientAddress) async throws(AccountError) -> Bool {
        try limits.take(.availabilityByAddress, for: address.rateLimitKey, now: clock.now())
        let now = clock.now().wall
        return try await read { try $0.registrationTokens.isValid(registrationToken, at: now) }
    }
}

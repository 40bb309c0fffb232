import HearthRuntime
import HearthSettings
import HearthStore
import MatrixModel
import SubscriptionCore
import Synchronization

/// Accounts, their devices and their access tokens.
///
/// The cycle of every change: check the request, authenticate, count it against the rate limits, hash where a password is involved,
/// then one operation of the ``RoomWriter``, which asks whether what was authenticated still stands. Memory (``AccessTokens``) adopts what
/// changed after the commit. Who guards what:
/// `tokens`, `limits`, `passwords` and `sessions` guard themselves.
public final class AccountService: Sendable {
    public let tokens: AccessTokens
    let store: Store
    let clock: any ServerClock
    let server: ServerIdentity
    let quotas: Quotas
    let writer: RoomWriter
    let settings: HearthSettings
    let limits: AccountLimits
    let passwords: PasswordHasher
    let sessions = UIASessionBook()
    let knownNetworks = Mutex(KnownNetworks())
    let digestSalt = SecureRandom.bytes(32)
    /// Who keeps up with accounts and devices, in their order.
    let followers: [any AccountFollower]

    init(
        store: Store, clock: any ServerClock, server: ServerIdentity, quotas: Quotas, writer: RoomWriter, tokens: AccessTokens,
        settings: HearthSettings, followers: [any AccountFollower]
    ) {
        self.store = store
        self.clock = clock
        self.server = server
        self.quotas = quotas
        self.writer = writer
        self.tokens = tokens
        self.settings = settings
        self.followers = followers
        limits = AccountLimits(isEnabled: settings.rateLimits.isEnabled)
        passwords = PasswordHasher(parameters: ScryptParameters(settings.accounts))
    }

    /// Who the token stands for.
    ///
    /// - Throws: ``AccountError/unknownToken``.
    public func requester(for token: String) throws(AccountError) -> Requester {
        try requester(for: AccessTokenHash(of: token))
    }

    /// Who the token of this hash stands for.
    ///
    /// - Throws: ``AccountError/unknownToken``.
    public func requester(for token: AccessTokenHash) throws(AccountError) -> Requester {
        guard let requester = tokens.requester(for: token) else { throw .unknownToken }
        return requester
    }

    // MARK: Parts of operations

    /// Makes the device and names it, or takes a known one over as it is called; gives it a new token.
    func logIn(_ key: DeviceKey, displayName: String?, in context: WriteContext) throws -> LoginAnswer {
        if try !context.transaction.devices.has(key) {
            try makeRoomForDevice(of: key.user, in: context)
            try context.transaction.devices.upsert(key, displayName: displayName, at: context.now.wall)
        }
        let token = try tokens.issue(for: key, in: context)
        context.afterCommit { [self] in sessions.endAll(of: key) }
        return LoginAnswer(userID: key.user, accessToken: token, deviceID: key.device)
    }

    /// Notes that a device has a name, where it is another than before.
    func noteName(_ name: String, of key: DeviceKey, after old: String?, in context: WriteContext) throws {
        if old?.hasSameBytes(as: name) == true { return }
        for follower in followers { try follower.deviceRenamed(key, in: context) }
    }

    /// Ends a device: its claim, its peeks, its keys and messages, its token and its held syncs.
    func end(_ key: DeviceKey, in context: WriteContext) throws {
        for follower in followers { try follower.deviceEnds(key, in: context) }
        try context.transaction.devices.delete(key)
        tokens.revoke(key, in: context)
        context.afterCommit { [self] in sessions.endAll(of: key) }
        context.tell(.deviceDeleted(key))
    }

    // MARK: The store's errors

    func write<Value: Sendable>(
        _ operation: @escaping @Sendable (WriteContext) throws -> Value
    ) async throws(AccountError) -> Value {
        do {
            return try await writer.perform(operation)
        } catch let error as AccountError {
            throw error
        } catch let error as WriteError {
            throw .storage(error)
        } catch {
            throw .storage(.storageUnavailable)
        }
    }

    static let longestDisplayName = 512

    static func check(displayName: String?) throws(AccountError) {
        if let displayName, displayName.utf8.count > longestDisplayName { throw .displayNameTooLong }
    }

    /// Ten capital letters, as clients show device ids to people.
    static func newDeviceID() -> DeviceID {
        guard let id = DeviceID(SecureRandom.text(10, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) else {
            preconditionFailure("ten letters are a device id")
        }
        return id
    }
}

import Crypto
import HearthRuntime
public import HearthStore
public import MatrixModel
import Synchronization

/// Who makes a request: what an access token stands for.
public struct Requester: Sendable, Hashable {
    public let user: UserID
    public let device: DeviceID
    public let isAdmin: Bool

    public init(user: UserID, device: DeviceID, isAdmin: Bool) {
        self.user = user
        self.device = device
        self.isAdmin = isAdmin
    }

    public var key: DeviceKey { DeviceKey(user: user, device: device) }
}

/// The access tokens that are valid now, in memory: the check of a request never reads the database.
///
/// Of a token only its SHA-256 is kept, here and in the store. A token is in here exactly if it is on the disk (``RowMirror``): a held sync
/// that is woken by the end of its device finds its token unknown. Operations of the same transaction see a log-out at once (``isLoggedIn(_:in:)``).
public final class AccessTokens: RowMirror {
    enum Key: Hashable, Sendable {
        case token(of: DeviceKey)
        case admin(UserID)
    }

    enum Value: Sendable {
        case token(AccessTokenHash)
        case admin
    }

    private let state: Mutex<State>

    private struct State: Sendable {
        var devices: [AccessTokenHash: DeviceKey] = [:]
        var tokens: [DeviceKey: AccessTokenHash] = [:]
        var admins: Set<UserID> = []

        mutating func set(_ hash: AccessTokenHash?, of key: DeviceKey) {
            if let old = tokens.removeValue(forKey: key) { devices[old] = nil }
            guard let hash else { return }
            devices[hash] = key
            tokens[key] = hash
        }
    }

    /// Loads all tokens from the store.
    public init(store: Store) throws {
        var state = State()
        try store.readNow { transaction in
            for (bytes, key) in try transaction.devices.allTokens() {
                guard let hash = AccessTokenHash(bytes) else {
                    UnreadableRows.passedOver("access_tokens.token_hash", of: key.user.rawValue)
                    continue
                }
                state.set(hash, of: key)
            }
            state.admins = Set(try transaction.users.admins())
        }
        self.state = Mutex(state)
    }

    /// Who the token stands for; nil when it is not (or no longer) valid.
    public func requester(for token: String) -> Requester? { requester(for: AccessTokenHash(of: token)) }

    /// Who the token of this hash stands for; nil when it is not (or no longer) valid.
    public func requester(for token: AccessTokenHash) -> Requester? {
        state.withLock { state in
            guard let key = state.devices[token] else { return nil }
            return Requester(user: key.user, device: key.device, isAdmin: state.admins.contains(key.user))
        }
    }

    /// Whether the device has a valid token: what a held request asks when it is woken.
    public func isLoggedIn(_ key: DeviceKey) -> Bool { state.withLock { $0.tokens[key] != nil } }

    /// The same for an operation, which sees what its transaction has changed.
    public func isLoggedIn(_ key: DeviceKey, in context: WriteContext) -> Bool {
        if let change = context.changes(of: self)[.token(of: key)] { return change != nil }
        return isLoggedIn(key)
    }

    /// How many tokens are valid.
    public var count: Int { state.withLock { $0.devices.count } }

    func adopt(_ changes: [Key: Value?]) {
        state.withLock { state in
            for (key, value) in changes {
                switch (key, value) {
                case (.token(let device), .token(let hash)?): state.set(hash, of: device)
                case (.token(let device), _): state.set(nil, of: device)
                case (.admin(let user), .admin?): state.admins.insert(user)
                case (.admin(let user), _): state.admins.remove(user)
                }
            }
        }
    }

    // MARK: Inside a write operation

    /// Gives the device a new token and takes away the one it had.
    func issue(for key: DeviceKey, in context: WriteContext) throws -> String {
        let token = "hearth_" + UnpaddedBase64.encodeURLSafe(SecureRandom.bytes(32))
        let hash = AccessTokenHash(of: token)
        try context.transaction.devices.replaceToken(of: key, hash: hash.bytes, at: context.now.wall)
        context.set(.token(hash), for: .token(of: key), of: self)
        return token
    }

    /// Takes away the device's token. The store's row is deleted with the device.
    func revoke(_ key: DeviceKey, in context: WriteContext) { context.set(nil, for: .token(of: key), of: self) }

    func noteAdmin(_ user: UserID, in context: WriteContext) { context.set(.admin, for: .admin(user), of: self) }

    func noteNoAdmin(_ user: UserID, in context: WriteContext) { context.set(nil, for: .admin(user), of: self) }
}

/// The SHA-256 of an access token: what is kept of it, and what a connection may remember it by.
public struct AccessTokenHash: Hashable, Sendable {
    let bytes: [UInt8]

    public init(of token: String) { bytes = Array(SHA256.hash(data: Array(token.utf8))) }

    init?(_ bytes: [UInt8]) {
        guard bytes.count == SHA256.byteCount else { return nil }
        self.bytes = bytes
    }
}

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
/// Of a token only its SHA-256 is kept, here and in the store. A token is in here exactly if it is in the store, but for one moment:
/// a token that is being taken away is refused from the beginning of the transaction, so that a held sync, woken by the
/// commit, finds it unknown; a transaction that fails makes it valid again.
public final class AccessTokens: Sendable {
    private let state: Mutex<State>

    private struct State: Sendable {
        var devices: [AccessTokenHash: DeviceKey] = [:]
        var tokens: [DeviceKey: AccessTokenHash] = [:]
        var admins: Set<UserID> = []
        /// Tokens that transactions under way take away, with the number of those transactions.
        var ending: [AccessTokenHash: Int] = [:]

        mutating func remove(_ key: DeviceKey) {
            guard let hash = tokens.removeValue(forKey: key) else { return }
            devices[hash] = nil
        }

        mutating func stopEnding(_ hash: AccessTokenHash) {
            let count = (ending[hash] ?? 0) - 1
            ending[hash] = count > 0 ? count : nil
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
                state.devices[hash] = key
                state.tokens[key] = hash
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
            guard state.ending[token] == nil, let key = state.devices[token] else { return nil }
            return Requester(user: key.user, device: key.device, isAdmin: state.admins.contains(key.user))
        }
    }

    /// Whether the device has a valid token: what a held request asks when it is woken.
    public func isLoggedIn(_ key: DeviceKey) -> Bool {
        state.withLock { state in state.tokens[key].map { state.ending[$0] == nil } ?? false }
    }

    /// How many tokens are valid.
    public var count: Int { state.withLock { $0.devices.count } }

    // MARK: Inside a write operation

    /// Gives the device a new token and takes away the one it had.
    func issue(for key: DeviceKey, in context: WriteContext) throws -> String {
        let token = "hearth_" + UnpaddedBase64.encodeURLSafe(SecureRandom.bytes(32))
        let hash = AccessTokenHash(of: token)
        try context.transaction.devices.replaceToken(of: key, hash: hash.bytes, at: context.now.wall)
        context.afterCommit { [self] in
            state.withLock { state in
                state.remove(key)
                state.devices[hash] = key
                state.tokens[key] = hash
            }
        }
        return token
    }

    /// Takes away the device's token. The store's row is deleted with the device.
    func revoke(_ key: DeviceKey, in context: WriteContext) {
        let hash = state.withLock { state -> AccessTokenHash? in
            guard let hash = state.tokens[key] else { return nil }
            state.ending[hash, default: 0] += 1
            return hash
        }
        context.onFailure { [self] in
            if let hash { state.withLock { $0.stopEnding(hash) } }
        }
        context.afterCommit { [self] in
            state.withLock { state in
                state.remove(key)
                if let hash { state.stopEnding(hash) }
            }
        }
    }

    func noteAdmin(_ user: UserID, in context: WriteContext) {
        context.afterCommit { [self] in state.withLock { _ = $0.admins.insert(user) } }
    }

    func noteNoAdmin(_ user: UserID, in context: WriteContext) {
        context.afterCommit { [self] in state.withLock { _ = $0.admins.remove(user) } }
    }
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

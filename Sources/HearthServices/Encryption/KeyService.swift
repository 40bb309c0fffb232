import HearthSettings
import HearthStore
public import MatrixModel
import SubscriptionCore

/// The public keys of devices and users, with which clients encrypt to each other. The server keeps and hands them out; what they
/// protect it cannot read.
///
/// Every change is one operation of the ``RoomWriter``, so that a one-time key that was handed out is gone for good when the answer is
/// sent. [End-to-end encryption](https://spec.matrix.org/v1.16/client-server-api/#end-to-end-encryption). Only local users have keys
/// here.
public final class KeyService: Sendable {
    /// Bytes that the one-time keys of a device may have together: each has about 200.
    public static let mostOneTimeKeyBytes = 1_048_576
    /// Fallback keys of a device: one for each algorithm. There is one algorithm.
    public static let mostFallbackKeys = 10

    let store: Store
    let quotas: Quotas
    let writer: RoomWriter
    let notifier: StreamNotifier
    let accounts: AccountService
    let claimLimits: ClaimLimits

    /// - Parameter limitsClaims: whether others may claim only so many one-time keys of a device.
    init(
        store: Store, quotas: Quotas, writer: RoomWriter, notifier: StreamNotifier, accounts: AccountService,
        limitsClaims: Bool
    ) {
        self.store = store
        self.quotas = quotas
        self.writer = writer
        self.notifier = notifier
        self.accounts = accounts
        claimLimits = ClaimLimits(isEnabled: limitsClaims)
    }

    /// Stores a device's keys and returns how many one-time keys it has now, by algorithm.
    ///
    /// A one-time key of a known name is taken again if it is the same, and refuses the upload if not. A device that comes with
    /// another identity (an ed25519 key that is not the one before) loses what the old one signed: its one-time and fallback keys
    /// and the signatures of it, which nobody could verify any more. Its contacts are told to ask again.
    ///
    /// - Throws: ``KeyError``, ``AccountError/unknownToken`` for a device that was logged out meanwhile, or ``WriteError``.
    public func upload(_ upload: KeyUpload, by device: DeviceKey) async throws -> [String: Int] {
        // Clients ask for the counts in this way.
        if upload.isEmpty { return notifier.ask { $0.keyCounts(of: device) }.toldOneTimeKeys }
        return try await writer.perform { [quotas] context in
            try context.requireDevice(device)
            if let keys = upload.deviceKeys { try Self.store(keys, of: device, in: context) }
            try Self.store(upload.oneTimeKeys, of: device, atMost: quotas.oneTimeKeys, in: context)
            for key in upload.fallbackKeys { try context.transaction.fallbackKeys.set(key, of: device) }
            if !upload.fallbackKeys.isEmpty, try context.transaction.fallbackKeys.count(of: device) > Self.mostFallbackKeys {
                throw KeyError.tooLarge("A device has fallback keys of at most \(Self.mostFallbackKeys) algorithms.")
            }
            let counts = try context.keyCounts(of: device)
            context.tell(.keyCounts(device, counts, at: nil))
            return counts.toldOneTimeKeys
        }
    }

    private static func store(_ keys: JSONObject, of device: DeviceKey, in context: WriteContext) throws {
        let known = try context.transaction.deviceKeys.keys(of: device)
        if known == keys { return }
        if let known, known.ed25519Key(of: device.device) != keys.ed25519Key(of: device.device) {
            try context.deleteIdentity(of: device)
        }
        try context.transaction.deviceKeys.set(keys, of: device)
        try context.noteKeysChanged(of: device.user)
    }

    private static func store(
        _ keys: [StoredOneTimeKey], of device: DeviceKey, atMost most: Int, in context: WriteContext
    ) throws {
        if keys.isEmpty { return }
        let table = context.transaction.oneTimeKeys
        let upload = try table.nextUpload(of: device)
        for key in keys {
            guard let known = try table.key(key.algorithm, key.id, of: device) else {
                try table.insert(key, of: device, upload: upload)
                continue
            }
            guard known == key.key else { throw KeyError.oneTimeKeyExists("\(key.algorithm):\(key.id)") }
        }
        guard try table.counts(of: device).values.reduce(0, +) <= most else {
            throw KeyError.tooLarge("A device has at most \(most) one-time keys.")
        }
        guard try table.bytes(of: device) <= mostOneTimeKeyBytes else {
            throw KeyError.tooLarge("The one-time keys of a device have at most \(mostOneTimeKeyBytes) bytes together.")
        }
    }

    /// Whose keys changed since a token, and with whom the user shares no room any more.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3keyschanges). `to` is a hint and not looked at: what came
    /// after it is told too.
    public func changes(for user: UserID, since: StreamPosition) -> (changed: [UserID], left: [UserID]) {
        let news = notifier.ask { $0.deviceListNews(for: user, since: since) }
        func sorted(_ users: Set<UserID>) -> [UserID] { users.sorted { $0.rawValue.precedesInBytes($1.rawValue) } }
        return (changed: sorted(news.changed), left: sorted(news.left))
    }
}

public import HearthStore
public import MatrixModel
import SubscriptionCore

/// A key that somebody asks for, to begin an encrypted session with a device.
public struct KeyClaim: Sendable {
    public let device: DeviceKey
    public let algorithm: String

    public init(device: DeviceKey, algorithm: String) {
        self.device = device
        self.algorithm = algorithm
    }
}

extension KeyService {
    /// How many devices one request names when it claims keys.
    private static let mostClaims = 10_000

    /// Refuses a request that names too many, before anything is made of it.
    public static func checkCount(ofClaims devices: Int) throws(KeyError) {
        guard devices <= mostClaims else { throw .tooLarge("One request claims keys of at most \(mostClaims) devices.") }
    }

    /// How many claims one write operation takes: other writes get their turn in between.
    private static let claimStep = 250

    /// Takes one key of each device that has one: the oldest one-time key, or else the fallback key, which stays.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysclaim). A one-time key is deleted in the operation that
    /// hands it out: nobody ever gets it again, whatever happens to the answer. A device whose keys were taken is told in its next
    /// sync how many are left. Of one device a user gets only so many (``ClaimLimits``), then its fallback key.
    public func claim(_ claims: [KeyClaim], by claimer: UserID) async throws -> [(device: DeviceKey, key: StoredOneTimeKey)] {
        var taken: [(device: DeviceKey, key: StoredOneTimeKey)] = []
        for start in stride(from: 0, to: claims.count, by: Self.claimStep) {
            let step = claims[start..<min(start + Self.claimStep, claims.count)]
            taken += try await writer.perform { [self] context in
                try step.compactMap { claim in
                    try take(claim, by: claimer, in: context).map { (device: claim.device, key: $0) }
                }
            }
        }
        return taken
    }

    private func take(_ claim: KeyClaim, by claimer: UserID, in context: WriteContext) throws -> StoredOneTimeKey? {
        let device = claim.device
        // Whoever names devices that do not exist fills no buckets.
        if try context.transaction.oneTimeKeys.hasKey(claim.algorithm, of: device),
            claimLimits.take(
                of: device, by: claimer, shareRoom: notifier.ask { $0.shareRoom(claimer, device.user) },
                now: context.now.monotonic),
            let key = try context.transaction.oneTimeKeys.take(claim.algorithm, of: device)
        {
            try Self.tellCounts(of: device, in: context)
            return key
        }
        guard let fallback = try context.transaction.fallbackKeys.use(claim.algorithm, of: claim.device) else { return nil }
        if fallback.wasUnused { try Self.tellCounts(of: claim.device, in: context) }
        return fallback.key
    }

    private static func tellCounts(of device: DeviceKey, in context: WriteContext) throws {
        context.tell(.keyCounts(device, try context.keyCounts(of: device), at: context.nextPosition()))
    }
}

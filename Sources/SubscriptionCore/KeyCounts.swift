/// What a device has left on the server for others to begin encrypted sessions with it.
///
/// Every sync tells it, so it stays in memory.
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#e2e-extensions-to-sync).
public struct KeyCounts: Sendable, Equatable {
    /// Unclaimed one-time keys by algorithm; an algorithm that is missing has none.
    public var oneTimeKeys: [String: Int]
    /// The same as clients are told: `signed_curve25519` is always there. Some take it for "unknown" where it is missing, and upload no
    /// new keys when theirs are used up.
    public var toldOneTimeKeys: [String: Int] {
        if oneTimeKeys.isEmpty { return Self.usedUp }
        return oneTimeKeys["signed_curve25519"] == nil ? oneTimeKeys.merging(Self.usedUp) { known, _ in known } : oneTimeKeys
    }
    private static let usedUp = ["signed_curve25519": 0]
    /// The algorithms of fallback keys that nobody has claimed yet, sorted.
    public var unusedFallbackTypes: [String]

    public static let none = KeyCounts(oneTimeKeys: [:], unusedFallbackTypes: [])

    public init(oneTimeKeys: [String: Int], unusedFallbackTypes: [String]) {
        self.oneTimeKeys = oneTimeKeys
        self.unusedFallbackTypes = unusedFallbackTypes
    }
}

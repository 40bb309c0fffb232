public import MatrixModel

/// What a user set by hand: `busy`, `offline` or `unavailable`. It belongs to the user, not to a device, and outlives restarts.
public struct ManualChoice: Sendable, Equatable {
    public var presence: Presence
    /// When it ends; nil: not by itself. At this very moment it holds no longer.
    public var expires: MatrixTimestamp?
    /// The device that put a *soft* `unavailable`, which the user's next activity ends; nil for every other choice, which is firm.
    ///
    /// Many clients put `unavailable` on their own when they go to the background, and nobody meant a choice by it.
    public var softDevice: DeviceID?

    public init(presence: Presence, expires: MatrixTimestamp?, softDevice: DeviceID?) {
        self.presence = presence
        self.expires = expires
        self.softDevice = softDevice
    }

    /// Whether it ends with the user's next activity.
    public var isSoft: Bool { softDevice != nil }

    func holds(at wall: MatrixTimestamp) -> Bool { expires.map { wall < $0 } ?? true }
}

/// One `PUT /presence/{userId}/status`, as far as it concerns presence.
///
/// [Set presence](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3presenceuseridstatus).
public struct PresencePut: Sendable, Equatable {
    public var presence: Presence
    /// `io.hearth.expires_ts`.
    public var expires: MatrixTimestamp?
    /// `io.hearth.manual`: a person chose this, no program.
    public var isManual: Bool
    /// Whether `status_msg` is a non-empty string.
    public var hasStatusText: Bool

    public init(presence: Presence, expires: MatrixTimestamp? = nil, isManual: Bool = false, hasStatusText: Bool = false) {
        self.presence = presence
        self.expires = expires
        self.isManual = isManual
        self.hasStatusText = hasStatusText
    }
}

/// Why a put was refused. Nothing has changed then.
public enum PutRefusal: Error, Equatable {
    /// The expiry is not later than now.
    case expiryInThePast
}

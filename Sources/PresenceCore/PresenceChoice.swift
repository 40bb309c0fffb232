public import MatrixModel

/// What somebody set by `PUT`: `busy`, `offline` or `unavailable`. It outlives restarts.
///
/// Programs send the same requests that people do. So a choice knows whose it is: what a person chose no program ends, and what one device
/// hid no other device shows. ``PresenceChoices`` says which one counts, ``PresenceEngine/put(_:from:at:)`` what makes and ends them.
public struct PresenceChoice: Sendable, Equatable {
    /// Whose it is.
    public enum Maker: Sendable, Hashable {
        /// A person's: one a user, made by a *marked* PUT.
        case user
        /// A program's on this device: `busy` or `offline`, one a device.
        case device(DeviceID)
        /// *Soft away*: this device went to the background. One a user.
        case away(DeviceID)

        public var device: DeviceID? {
            switch self {
            case .user: nil
            case .device(let device), .away(let device): device
            }
        }
    }

    public let maker: Maker
    public let presence: Presence
    /// When it ends; nil: not by itself. At this very moment it holds no longer.
    public let expires: MatrixTimestamp?
    /// Greater than that of every choice of the user that is older.
    public internal(set) var number: Int64
    /// Whether the device, whose `busy` this is, put a bare `unavailable` since: its next bare `online` is a return to the foreground.
    public internal(set) var isInBackground: Bool
    /// Whether the device, whose `offline` this is, put it while its syncs were silent: its next sync that says something ends it.
    public let endsWithSync: Bool

    public init(
        _ maker: Maker, _ presence: Presence, expires: MatrixTimestamp? = nil, number: Int64 = 0, isInBackground: Bool = false,
        endsWithSync: Bool = false
    ) {
        self.maker = maker
        self.presence = presence
        self.expires = expires
        self.number = number
        self.isInBackground = isInBackground
        self.endsWithSync = endsWithSync
    }

    /// Whether this is a program's guess that nobody looks, which ends by itself. Every other choice ends by what a person or its device does.
    public var isAway: Bool { if case .away = maker { true } else { false } }

    func holds(at wall: MatrixTimestamp) -> Bool { expires.map { wall < $0 } ?? true }
}

/// One `PUT /presence/{userId}/status`, as far as it concerns presence.
///
/// [Set presence](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3presenceuseridstatus).
public struct PresencePut: Sendable, Equatable {
    public var presence: Presence
    /// `io.hearth.expires_ts`. That of a bare `online` belongs to its status alone.
    public var expires: MatrixTimestamp?
    /// `io.hearth.manual`: a person chose this, no program.
    public var isManual: Bool
    /// Whether the body has the key `status_msg`, whatever its value.
    public var hasStatus: Bool

    public init(
        presence: Presence, expires: MatrixTimestamp? = nil, isManual: Bool = false, hasStatus: Bool = false
    ) {
        self.presence = presence
        self.expires = expires
        self.isManual = isManual
        self.hasStatus = hasStatus
    }

    /// Whether a person is known to have meant it; otherwise it is *bare*.
    public var isMarked: Bool { isManual || expires != nil && presence != .online }
}

/// Why a put was refused. Nothing has changed then.
public enum PutRefusal: Error, Equatable {
    /// The expiry is not later than now.
    case expiryInThePast
}

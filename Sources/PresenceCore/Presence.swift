import MatrixModel

/// How available a user is: one of four values, ordered offline < unavailable < online < busy.
///
/// `online`: actively using a client right now. `unavailable`: nothing particular, may or may not answer. `busy`: do not expect an
/// answer ([MSC3026](https://github.com/matrix-org/matrix-spec-proposals/pull/3026)). `offline`: messages will not reach the user.
public enum Presence: String, Sendable, CaseIterable, Comparable {
    case offline, unavailable, online, busy

    /// The presence that a client or server names, or nil for a word that is none. Takes the unstable name of `busy` too, and the words of
    /// [MSC4532](https://github.com/matrix-org/matrix-spec-proposals/pull/4532), plain and prefixed: `active` is `online`, `idle` is
    /// `unavailable`.
    public init?(wire: String) {
        if let presence = Self.allCases.first(where: { $0.rawValue.hasSameBytes(as: wire) }) {
            self = presence
        } else if let other = Self.otherWords.first(where: { $0.word.hasSameBytes(as: wire) }) {
            self = other.presence
        } else {
            return nil
        }
    }

    private static let otherWords: [(word: String, presence: Self)] = [
        ("org.matrix.msc3026.busy", .busy), ("active", .online), ("idle", .unavailable),
        ("org.continuwuity.presence_v2.msc4532.active", .online), ("org.continuwuity.presence_v2.msc4532.idle", .unavailable),
        ("org.continuwuity.presence_v2.msc4532.busy", .busy),
    ]

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rank < rhs.rank }

    private var rank: Int {
        switch self {
        case .offline: 0
        case .unavailable: 1
        case .online: 2
        case .busy: 3
        }
    }
}

/// What a `/sync` says of its device by `set_presence`.
///
/// [GET /sync](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3sync).
public enum SyncClaim: Hashable, Sendable {
    /// `set_presence=offline`: says nothing, is no contact, clears nothing.
    case silent
    /// `set_presence` is missing.
    case impliedOnline
    /// `set_presence` names `online`, `unavailable` or `busy`. `explicit(.offline)` is the same as ``silent``.
    case explicit(Presence)

    var deviceClaim: DeviceClaim? {
        switch self {
        case .silent, .explicit(.offline): nil
        case .impliedOnline: .impliedOnline
        case .explicit(.unavailable): .unavailable
        case .explicit(.online): .explicitOnline
        case .explicit(.busy): .busy
        }
    }
}

/// What a device says of itself, the weakest first.
enum DeviceClaim: UInt8, Comparable, CaseIterable, Sendable {
    case unavailable, impliedOnline, explicitOnline, busy

    static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }

    /// The presence that was named by the client; nil for the implied one.
    var explicitPresence: Presence? {
        switch self {
        case .unavailable: .unavailable
        case .impliedOnline: nil
        case .explicitOnline: .online
        case .busy: .busy
        }
    }
}

import HearthStore
public import MatrixModel
public import PresenceCore
public import SubscriptionCore

/// The parameters of [GET /sync](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3sync).
public struct SyncRequest: Sendable {
    public var since: SyncToken?
    /// Whether the client came with a token of a lost history: it is told everything, and what takes back the rest. `since` is nil then.
    public var startsOver = false
    /// How long to wait for news; zero answers at once.
    public var timeout: Duration
    public var fullState: Bool
    public var filter: SyncFilter
    public var stateSection: StateSection
    public var claim: SyncClaim

    public init(
        since: SyncToken? = nil, timeout: Duration = .zero, fullState: Bool = false, filter: SyncFilter = .open,
        stateSection: StateSection = .beforeTimeline, claim: SyncClaim = .impliedOnline
    ) {
        self.since = since
        self.timeout = timeout
        self.fullState = fullState
        self.filter = filter
        self.stateSection = stateSection
        self.claim = claim
    }
}

/// Which state the rooms of an answer have, named as on the wire: that before the timeline, to which a client applies the timeline, or
/// that after it, which is all that a client applies
/// ([MSC4222](https://github.com/matrix-org/matrix-spec-proposals/pull/4222)).
public enum StateSection: String, Sendable {
    case beforeTimeline = "state"
    case afterTimeline = "state_after"
    /// Asked for and answered by the name that it had before it was in the spec.
    case afterTimelineUnstable = "org.matrix.msc4222.state_after"

    var isAfterTimeline: Bool { self != .beforeTimeline }
}

/// Why a sync has no answer.
public enum SyncError: Error, Equatable {
    /// 401 `M_UNKNOWN_TOKEN`: the device was logged out while its sync was held.
    case loggedOut
    /// Nobody is there to read the answer.
    case clientGone
}

/// The answer of a sync, as values: the edge writes it as JSON and splices the events' bytes in.
public struct SyncResponse: Sendable {
    public var nextBatch: SyncToken
    /// What the `state` of its rooms is.
    public var stateSection = StateSection.beforeTimeline
    public var joined: [SyncRoom] = []
    public var peeked: [SyncRoom] = []
    public var left: [SyncRoom] = []
    public var invited: [InvitedRoom] = []
    public var presence: [LegacyPresence] = []
    public var profiles: [ProfileUpdate] = []
    public var accountData: [AccountDataItem] = []
    public var toDevice: [ToDeviceMessage] = []
    public var changedDeviceLists: [UserID] = []
    public var leftDeviceLists: [UserID] = []
    /// Told in every answer, empty ones too.
    public var keyCounts = KeyCounts.none
    /// Whether the key counts are news.
    var hasNewKeyCounts = false
    /// Of a request that was held and woken: when that which it tells was committed or, of presence that had to wait, had its turn.
    var newsTime: MonotonicTime?

    public init(nextBatch: SyncToken, keyCounts: KeyCounts = .none) {
        self.nextBatch = nextBatch
        self.keyCounts = keyCounts
    }

    public var isEmpty: Bool { isEmptyBesidesPeeks && peeked.isEmpty && presence.isEmpty && profiles.isEmpty }

    private var isEmptyBesidesPeeks: Bool {
        joined.isEmpty && left.isEmpty && invited.isEmpty && accountData.isEmpty && toDevice.isEmpty
            && changedDeviceLists.isEmpty && leftDeviceLists.isEmpty && !hasNewKeyCounts
    }

    /// Whether it holds presence, status and other fields of profiles, and nothing else.
    var isPresenceOnly: Bool {
        guard !isEmpty, isEmptyBesidesPeeks else { return false }
        return peeked.allSatisfy { ($0.state + $0.timeline).allSatisfy(\.isLane) && $0.accountData.isEmpty && $0.summary == nil }
    }
}

/// One room of a sync, in `join`, `peek` or `leave`.
public struct SyncRoom: Sendable {
    public let room: RoomID
    public var state: [PersistedEvent] = []
    public var timeline: [PersistedEvent] = []
    /// The edits of the timeline's events.
    public var edits: Edits = [:]
    public var isLimited = false
    public var prevBatch: SyncToken
    public var accountData: [AccountDataItem] = []
    /// New receipts that the reader may see.
    public var receipts: [Receipt] = []
    /// Who is typing, if that is news.
    public var typing: [UserID]?
    public var unread: UnreadCounts?
    public var summary: RoomSummary?

    public init(room: RoomID, prevBatch: SyncToken) {
        self.room = room
        self.prevBatch = prevBatch
    }

    public var isEmpty: Bool {
        state.isEmpty && timeline.isEmpty && accountData.isEmpty && receipts.isEmpty && typing == nil && summary == nil
    }
}

/// Who is in a room, for clients that do not load all members.
public struct RoomSummary: Sendable {
    /// Up to five other members; nil where the room's name is enough.
    public var heroes: [UserID]?
    public var joinedCount: Int
    public var invitedCount: Int
}

/// A room to which the user is invited, with the state that the invitation shows.
public struct InvitedRoom: Sendable {
    public let room: RoomID
    public let state: [StrippedEvent]
}

/// [Stripped state](https://spec.matrix.org/v1.16/client-server-api/#stripped-state).
public struct StrippedEvent: Sendable {
    public let key: StateKey
    public let sender: UserID
    public let content: JSONObject

    public init(key: StateKey, sender: UserID, content: JSONObject) {
        self.key = key
        self.sender = sender
        self.content = content
    }

    /// Nil for an event that is no state.
    public init?(_ event: PersistedEvent) {
        guard let key = event.stateIdentity else { return nil }
        self.init(key: key, sender: event.sender, content: event.content)
    }
}

/// One piece of account data.
public struct AccountDataItem: Sendable {
    public let type: EventType
    public let content: JSONObject
}

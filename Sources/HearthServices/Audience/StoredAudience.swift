public import HearthSettings
import HearthStore
import MatrixModel
public import SubscriptionCore

/// Who sees whose presence as the store knows it: the same rule as in memory, on one consistent state of the store.
///
/// Lives as long as that state: a policy is read once however many viewers are asked about.
final class StoredAudience {
    private let audience: Audience
    private let ignoring: IgnoringBook
    private let store: StoreTransaction
    /// The operation that asks; nil for a reader.
    private let context: WriteContext?
    private var policies: [UserID: PresenceSharing] = [:]

    init(audience: Audience, ignoring: IgnoringBook, store: StoreTransaction, context: WriteContext?) {
        self.audience = audience
        self.ignoring = ignoring
        self.store = store
        self.context = context
    }

    func canSee(_ viewer: UserID, laneOf owner: UserID) throws -> Bool {
        if viewer == owner { return true }
        let ignored = if let context { ignoring.ignored(by: viewer, in: context) } else { ignoring.ignored(by: viewer) }
        if ignored?.users.contains(owner) == true { return false }
        let rooms = StoredCommonRooms(viewer: viewer, owner: owner, store: store)
        return try audience.includes(viewer, of: owner, sharing: sharing(of: owner), rooms: rooms)
    }

    /// The policy that was written last, under either of its names.
    private func sharing(of user: UserID) throws -> PresenceSharing {
        if let known = policies[user] { return known }
        let stored = try PresenceSharing.types.compactMap {
            try store.accountData.data(of: user, room: nil, type: $0, standIn: PresenceSharing.standIn)
        }
        let newest = stored.max { $0.position < $1.position }
        let sharing = newest.map { PresenceSharing(parsing: $0.content) } ?? .unset
        policies[user] = sharing
        return sharing
    }
}

/// The rooms that two users have joined both, as the store knows them.
private struct StoredCommonRooms: CommonRooms {
    let viewer: UserID
    let owner: UserID
    let store: StoreTransaction

    func hasSuggestingRoom(among allowed: Set<RoomID>) throws -> Bool {
        try store.memberships.common(to: viewer, and: owner).contains { room in
            guard allowed.contains(room) else { return false }
            for type in RoomSharing.hintTypes {
                if let hint = try store.state.event(StateKey(type), in: room) { return RoomSharing.suggests(hint.content) }
            }
            return false
        }
    }

    func hasRoom(countingPublic: Bool) throws -> Bool {
        try store.memberships.common(to: viewer, and: owner).contains { room in
            if countingPublic { return true }
            return try store.state.event(.joinRules, in: room).map { !RoomSharing.isPublic($0.content) } ?? true
        }
    }
}

extension Audience {
    public init(_ settings: HearthSettings.Presence) {
        let byDefault: DefaultAudience =
            switch settings.audience {
            case .everyone: .everyone
            case .sharedRooms: .sharedRooms
            case .local: .local
            case .nobody: .nobody
            }
        self.init(byDefault: byDefault, publicRoomsShare: settings.publicRoomsShare)
    }
}

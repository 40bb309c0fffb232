public import MatrixModel

/// Whom a user ignores now, and where the ignoring of others ended.
///
/// [Ignoring users](https://spec.matrix.org/v1.16/client-server-api/#ignoring-users). Whoever ignores a user gets of that user no event
/// but state, no invitation, typing, receipt, unread count, notification, presence or status. What was missed comes with a fresh sync
/// alone: an incremental sync leaves out what came before the ignoring ended, however old its token is, so that all devices miss the same.
public struct IgnoredUsers: Sendable, Equatable {
    /// How many users a list may name that is written; one that names more may only become shorter.
    public static let most = 1_000
    /// How many ends of ignoring are remembered, the newest: older ones hide nothing any more.
    public static let mostEndings = 256

    public private(set) var users: Set<UserID>
    /// Where the ignoring ended, of those who are not ignored now.
    public private(set) var endings: [UserID: StreamPosition]
    /// When the list last became another one.
    public private(set) var lastChange: StreamPosition

    public static let nobody = IgnoredUsers(users: [], endings: [:], lastChange: .zero)

    public init(users: Set<UserID>, endings: [UserID: StreamPosition], lastChange: StreamPosition) {
        self.users = users
        self.endings = endings
        self.lastChange = lastChange
    }

    /// The users that the content of `m.ignored_user_list` names; never fails. What has the wrong shape ignores nobody, entry by entry, and
    /// nobody ignores themselves.
    public static func users(in content: JSONObject, of owner: UserID) -> Set<UserID> {
        var users: Set<UserID> = []
        for entry in content["ignored_users"]?.objectValue?.members ?? [] where entry.value.objectValue != nil {
            if let user = UserID(entry.key), user != owner { users.insert(user) }
        }
        return users
    }

    /// Whether nobody is ignored, and nobody was whom it still matters for.
    public var isEmpty: Bool { users.isEmpty && endings.isEmpty }

    /// What is hidden from whoever begins anew: what those who are ignored now send.
    public var now: IgnoredUsers { IgnoredUsers(users: users, endings: [:], lastChange: lastChange) }

    /// The next list, from a position on. Those who stay on it keep the place in memory that they have.
    public func changed(to list: Set<UserID>, at position: StreamPosition) -> IgnoredUsers {
        var next = self
        next.lastChange = position
        for user in users.subtracting(list) {
            next.users.remove(user)
            next.endings[user] = position
        }
        for user in list.subtracting(users) {
            next.users.insert(user)
            next.endings[user] = nil
        }
        if next.endings.count > Self.mostEndings {
            let newest = next.endings.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            next.endings = Dictionary(newest.prefix(Self.mostEndings).map { ($0.key, $0.value) }) { first, _ in first }
        }
        return next
    }

    /// Whether something that a user did at a position is hidden.
    public func hides(_ user: UserID, at position: StreamPosition) -> Bool {
        users.contains(user) || endings[user].map { position <= $0 } ?? false
    }

    /// Whether an event is hidden: state never is.
    public func hides(_ event: PersistedEvent) -> Bool {
        event.stateKey == nil && hides(event.sender, at: event.position)
    }

    /// Whether the ignoring of a user may have begun or ended after a position.
    func mayHaveChanged(for user: UserID, after position: StreamPosition) -> Bool {
        lastChange > position && (users.contains(user) || endings[user] ?? .zero > position)
    }
}

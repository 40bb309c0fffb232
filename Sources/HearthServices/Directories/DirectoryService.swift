public import HearthStore
public import MatrixModel
import RoomRules
import SubscriptionCore

/// Finds rooms that were published and users whom one may know of. Profile rooms and the server's own user are found by nobody.
///
/// Rooms: [published room directory](https://spec.matrix.org/v1.16/client-server-api/#published-room-directory); users:
/// [user directory](https://spec.matrix.org/v1.16/client-server-api/#user-directory). Neither tells anything of presence.
public final class DirectoryService: Sendable {
    private let store: Store
    private let writer: RoomWriter
    private let notifier: StreamNotifier

    init(store: Store, writer: RoomWriter, notifier: StreamNotifier) {
        self.store = store
        self.writer = writer
        self.notifier = notifier
    }

    /// The longest term of a search, in bytes.
    public static let longestTerm = 255

    // MARK: Rooms

    /// Whether a room is published. That one is not, its members alone are told; for all others there is no such room.
    public func isPublished(_ room: RoomID, for viewer: UserID?) async throws -> Bool {
        let answer = try await store.read { transaction -> Bool? in
            guard let isPublished = try transaction.roomDirectory.isPublished(room) else { return nil }
            if isPublished { return true }
            guard let viewer, try transaction.memberships.membership(of: viewer, in: room)?.membership == .join else {
                return nil
            }
            return false
        }
        guard let answer else { throw RoomError.unknownRoom }
        return answer
    }

    /// Publishes a room or takes it back: for members who may set its canonical alias.
    public func setPublished(_ isPublished: Bool, _ room: RoomID, by user: UserID) async throws {
        try await writer.perform { context in
            guard try context.transaction.roomDirectory.isPublished(room) != nil, try context.room(room) != nil,
                let create = try context.state(.create, in: room)
            else { throw RoomError.unknownRoom }
            try RoomService.requireJoined(user, in: room, context: context)
            let levels = PowerLevels(create: create, powerLevels: try context.state(.powerLevels, in: room))
            guard levels.level(of: user) >= levels.required(for: .canonicalAlias, isState: true) else {
                throw RoomError.forbidden("Only who may set the room's canonical alias publishes it.")
            }
            try context.transaction.roomDirectory.setPublished(isPublished, room)
        }
    }

    /// One page of the published rooms that a query asks for, those with the most members first.
    ///
    /// All of it is done where the store is read, beside the cooperative pool; of rooms that are not on the page no more is read than what
    /// they are found by.
    public func rooms(_ query: RoomDirectoryQuery) async throws -> RoomDirectoryPage {
        let notifier = notifier
        return try await store.read { store in
            let found = try store.roomDirectory.published(holding: query.term, where: query.includes)
            let counts = notifier.ask { engine in found.map { engine.joinedCount(in: $0) } }
            let listed = zip(found, counts).sorted { one, other in
                if one.1 != other.1 { return one.1 > other.1 }
                return one.0.rawValue.precedesInBytes(other.0.rawValue)
            }
            let limit = min(query.limit ?? RoomDirectoryQuery.highestLimit, RoomDirectoryQuery.highestLimit)
            let start = min(query.offset, listed.count)
            let end = min(start + limit, listed.count)
            let rooms = try listed[start..<end].compactMap { room, count in
                try store.roomDirectory.entry(of: room).map { ListedRoom(entry: $0, joinedCount: count) }
            }
            return RoomDirectoryPage(
                rooms: rooms, next: end < listed.count && limit > 0 ? end : nil,
                previous: start > 0 ? max(0, start - limit) : nil, total: listed.count)
        }
    }

    // MARK: Users

    static let highestUserLimit = 100
    /// How many users are ranked; of more that fit, those with the first ids.
    private static let mostRanked = 500

    /// The users who fit a term and whom the searcher may know of: who share a room with the searcher, or are in one that everybody can
    /// join or read. Those whose id or name begins like the term come first.
    ///
    /// - Returns: at most `limit` users (10 where it is nil, 100 where it is more), and whether there are more.
    public func users(
        matching term: String, limit: Int?, for searcher: UserID
    ) async throws -> (found: [UserDirectoryEntry], isLimited: Bool) {
        let words = term.split(whereSeparator: \.isWhitespace).prefix(10).map { String($0) }
        guard !words.isEmpty else { return ([], false) }
        let limit = min(limit ?? 10, Self.highestUserLimit)
        return try await store.read { store in
            let found = try store.userDirectory.search(words, by: searcher, limit: Self.mostRanked)
            let ranked = found.filter(\.beginsWithFirstWord) + found.filter { !$0.beginsWithFirstWord }
            return (try ranked.prefix(limit).compactMap { try store.userDirectory.entry(of: $0.user) }, ranked.count > limit)
        }
    }
}

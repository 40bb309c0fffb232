import HearthStore
import MatrixModel
import SubscriptionCore

/// Walks a room's main chain in pages and keeps what a reader may see and a filter lets through.
struct HistoryPage {
    /// How many stored events one walk looks at: a filter that lets nothing through ends the page early, not the server's breath.
    static let longestWalk = 2_000
    private static let step = 100

    let room: RoomID
    let access: RoomReader.Access
    let filter: EventFilter
    let store: StoreTransaction

    struct Result {
        var events: [PersistedEvent] = []
        /// Where the walk goes on; nil when it reached its end.
        var end: StreamPosition?
    }

    /// Newest first, from a position (included) down to another (not included).
    func backwards(from start: StreamPosition, to end: StreamPosition, limit: Int) throws -> Result {
        try shown(walkBackwards(from: start, to: end, limit: limit))
    }

    private func walkBackwards(from start: StreamPosition, to end: StreamPosition, limit: Int) throws -> Result {
        var result = Result()
        var position = start
        var walked = 0
        while walked < Self.longestWalk {
            let step = step(for: limit, walked: walked)
            let chunk = try store.events.newest(step, in: room, after: end, upTo: position)
            for event in chunk.reversed() {
                if result.events.count == limit {
                    result.end = event.position
                    return result
                }
                if isWanted(event) { result.events.append(event) }
            }
            guard chunk.count == step, let oldest = chunk.first else { return result }
            position = StreamPosition(oldest.position.rawValue - 1)
            walked += chunk.count
        }
        result.end = position
        return result
    }

    /// Oldest first, from a position (not included) up to another (included).
    func forwards(from start: StreamPosition, to end: StreamPosition, limit: Int) throws -> Result {
        try shown(walkForwards(from: start, to: end, limit: limit))
    }

    private func walkForwards(from start: StreamPosition, to end: StreamPosition, limit: Int) throws -> Result {
        var result = Result()
        var position = start
        var walked = 0
        while walked < Self.longestWalk {
            let step = step(for: limit, walked: walked)
            let chunk = try store.events.oldest(step, in: room, after: position, upTo: end)
            for event in chunk {
                if result.events.count == limit {
                    result.end = StreamPosition(event.position.rawValue - 1)
                    return result
                }
                if isWanted(event) { result.events.append(event) }
            }
            guard chunk.count == step, let newest = chunk.last else { return result }
            position = newest.position
            walked += chunk.count
        }
        result.end = position
        return result
    }

    /// How many events to read next: at first those that fill the page if every one is wanted, and one that tells whether it ends there.
    private func step(for limit: Int, walked: Int) -> Int { walked == 0 ? min(Self.step, limit + 1) : Self.step }

    private func shown(_ result: Result) throws -> Result {
        Result(events: try ErasedEvents.shown(result.events, by: access, in: store), end: result.end)
    }

    private func isWanted(_ event: PersistedEvent) -> Bool {
        filter.includes(event) && access.canSee(event.position)
    }
}

/// Lazy loading of members: of a room's member events, only those of the users who are seen to act.
///
/// [Lazy-loading room members](https://spec.matrix.org/v1.16/client-server-api/#lazy-loading-room-members).
enum LazyMembers {
    /// Whose member events are shown beside some events.
    static func seen(in events: [PersistedEvent], by reader: UserID) -> Set<UserID> {
        Set(events.map(\.sender)).union([reader])
    }
}

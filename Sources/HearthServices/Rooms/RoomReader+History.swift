import HearthStore
public import MatrixModel
public import SubscriptionCore

extension RoomReader {
    /// An event with what came before and after it.
    public struct Context: Sendable {
        public let event: PersistedEvent
        /// Newest first.
        public let before: [PersistedEvent]
        /// Oldest first.
        public let after: [PersistedEvent]
        public let state: [PersistedEvent]
        /// Of all three.
        public let edits: Edits
        public let start: SyncToken
        public let end: SyncToken
    }

    /// [Event context](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidcontexteventid); `limit` counts
    /// the events around the named one.
    public func context(
        of id: EventID, in room: RoomID, limit: Int, filter: EventFilter, for user: UserID
    ) async throws -> Context {
        var filter = filter
        filter.ignored = ignored(by: user)
        return try await store.read { [filter] store in
            let (event, access) = try self.event(id, in: room, for: user, store: store)
            let page = HistoryPage(room: room, access: access, filter: filter, store: store)
            let before = try page.backwards(from: StreamPosition(event.position.rawValue - 1), to: .zero, limit: limit / 2)
            let latest = try access.end ?? store.meta.position()
            let after = try page.forwards(from: event.position, to: latest, limit: limit - limit / 2)
            let newest = after.events.last?.position ?? event.position
            let shown = [event] + before.events + after.events
            let state =
                filter.lazyLoadsMembers
                ? try store.events.state(of: room, at: newest, members: LazyMembers.seen(in: shown, by: user))
                : try store.events.state(of: room, at: newest)
            return Context(
                event: event, before: before.events, after: after.events, state: state.filter(filter.includes),
                edits: try self.edits(of: shown, access: access, store: store),
                start: SyncToken(before.end ?? StreamPosition((before.events.last ?? event).position.rawValue - 1)),
                end: SyncToken(newest))
        }
    }

    public enum Direction: String, Sendable {
        case backwards = "b"
        case forwards = "f"
    }

    /// One page of a room's history.
    public struct Page: Sendable {
        public let events: [PersistedEvent]
        public let state: [PersistedEvent]
        public let edits: Edits
        public let start: SyncToken
        /// Where to go on; nil when there is no more, and none will come.
        public let end: SyncToken?
    }

    /// Pages through a room's main chain from a token, or from its present (backwards) or beginning (forwards).
    public func messages(
        of room: RoomID, from: SyncToken?, to: SyncToken?, direction: Direction, limit: Int, filter: EventFilter,
        for user: UserID
    ) async throws -> Page {
        var filter = filter
        filter.ignored = ignored(by: user)
        return try await store.read { [filter] store in
            let access = try self.access(of: user, to: room, in: store)
            let latest = try access.end ?? store.meta.position()
            let page = HistoryPage(room: room, access: access, filter: filter, store: store)
            let start: StreamPosition
            var result: HistoryPage.Result
            switch direction {
            case .backwards:
                start = min(from?.position ?? latest, latest)
                result = try page.backwards(from: start, to: to?.position ?? .zero, limit: limit)
            case .forwards:
                start = from?.position ?? .zero
                result = try page.forwards(from: start, to: min(to?.position ?? latest, latest), limit: limit)
                // The room's present is no end: what is sent from now on comes after it. An empty page says that all was told for now.
                if result.end == nil, to == nil, access.end == nil { result.end = result.events.last?.position }
            }
            var state: [PersistedEvent] = []
            if filter.lazyLoadsMembers {
                state = try Set(result.events.map(\.sender)).compactMap { try store.state.event(.member($0), in: room) }
            }
            return Page(
                events: result.events, state: state, edits: try self.edits(of: result.events, access: access, store: store),
                start: SyncToken(start), end: result.end.map { SyncToken($0) })
        }
    }
}

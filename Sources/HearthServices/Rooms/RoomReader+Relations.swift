import HearthStore
public import MatrixModel
public import SubscriptionCore

/// Which events relate to another one: [relations](https://spec.matrix.org/v1.16/client-server-api/#relationships-api).
extension RoomReader {
    /// Which relations are asked for.
    public struct RelationsQuery: Sendable {
        /// Nil for every kind.
        public var type: RelationType?
        /// The type of the relating events; nil for every one.
        public var eventType: EventType?
        public var from: SyncToken?
        public var to: SyncToken?
        public var direction = Direction.backwards
        public var limit = 10
        /// Whether those that relate to relating events count, up to ``RoomReader/relationsDepth`` steps.
        public var isRecursive = false

        public init() {}
    }

    /// One page of relating events.
    public struct RelationsPage: Sendable {
        public let events: [PersistedEvent]
        public let edits: Edits
        /// Where to go on; nil when there is no more.
        public let next: SyncToken?
    }

    /// How many steps a recursive query goes.
    public static let relationsDepth = 3
    /// How many related events a recursive query looks at.
    static let mostRelated = 1_000

    /// The events that relate to another one, as far as the user may see them.
    ///
    /// - Throws: ``RoomError/notFound(_:)`` for an event that is not there or not for this user.
    public func relations(
        of id: EventID, in room: RoomID, query: RelationsQuery, for user: UserID
    ) async throws -> RelationsPage {
        let ignored = ignored(by: user)
        return try await store.read { store in
            let (event, access) = try self.findEvent(id, in: room, for: user, store: store)
            let latest = try access.end ?? store.meta.position()
            let window: (after: StreamPosition, upTo: StreamPosition) =
                switch query.direction {
                case .backwards: (query.to?.position ?? .zero, min(query.from?.position ?? latest, latest))
                case .forwards: (query.from?.position ?? .zero, min(query.to?.position ?? latest, latest))
                }
            let walk = RelationsWalk(
                root: event, access: access, ignored: ignored, query: query, window: window, store: store)
            let found = try query.isRecursive ? walk.recursive() : walk.direct()
            let events = try ErasedEvents.shown(Array(found.prefix(query.limit)), by: access, in: store)
            var next: SyncToken?
            if found.count > query.limit {
                // A page that holds nothing goes on where it began.
                let last = events.last?.position
                switch query.direction {
                case .backwards: next = SyncToken(last.map { StreamPosition($0.rawValue - 1) } ?? window.upTo)
                case .forwards: next = SyncToken(last ?? window.after)
                }
            }
            return RelationsPage(
                events: events, edits: try self.edits(of: events, access: access, store: store), next: next)
        }
    }
}

/// Collects the events of one query: one more than its limit where there are more.
private struct RelationsWalk {
    let root: PersistedEvent
    let access: RoomReader.Access
    let ignored: IgnoredUsers?
    let query: RoomReader.RelationsQuery
    let window: (after: StreamPosition, upTo: StreamPosition)
    let store: StoreTransaction

    func direct() throws -> [PersistedEvent] {
        var (after, upTo) = window
        var found: [PersistedEvent] = []
        while found.count <= query.limit {
            let chunk = try store.relations.page(
                relatedTo: root.eventID, by: query.type, ofType: query.eventType, after: after, upTo: upTo,
                newestFirst: query.direction == .backwards, limit: query.limit + 1)
            found += chunk.filter(isVisible)
            guard chunk.count > query.limit, let last = chunk.last else { break }
            switch query.direction {
            case .backwards: upTo = StreamPosition(last.position.rawValue - 1)
            case .forwards: after = last.position
            }
        }
        return found
    }

    func recursive() throws -> [PersistedEvent] {
        var seen: [EventID: PersistedEvent] = [:]
        var level = [root.eventID]
        for _ in 0..<RoomReader.relationsDepth {
            var next: [EventID] = []
            for target in level where seen.count < RoomReader.mostRelated {
                let related = try store.relations.page(
                    relatedTo: target, by: nil, ofType: nil, after: .zero, upTo: window.upTo, newestFirst: true,
                    limit: RoomReader.mostRelated - seen.count)
                for event in related where seen[event.eventID] == nil && event.eventID != root.eventID {
                    seen[event.eventID] = event
                    next.append(event.eventID)
                }
            }
            level = next
        }
        let found = seen.values.filter { event in
            event.position > window.after && isVisible(event) && (query.type == nil || event.relation?.type == query.type)
                && (query.eventType == nil || event.type == query.eventType)
        }
        return found.sorted {
            query.direction == .backwards ? $0.position > $1.position : $0.position < $1.position
        }
    }

    private func isVisible(_ event: PersistedEvent) -> Bool {
        event.roomID == root.roomID && access.canSee(event.position) && !(ignored?.hides(event) ?? false)
    }
}

public import MatrixModel

/// How many events of a room a user has not read.
public struct UnreadCounts: Sendable, Equatable {
    /// Events that notify the user.
    public var notifications: Int
    /// Those of them that are addressed to the user.
    public var highlights: Int

    public init(notifications: Int = 0, highlights: Int = 0) {
        self.notifications = notifications
        self.highlights = highlights
    }
}

/// An event that concerns somebody, as far as counting needs it.
public struct NoticedEvent: Sendable {
    public let position: StreamPosition
    public let sender: UserID
    public let notices: EventNotices

    public init(position: StreamPosition, sender: UserID, notices: EventNotices) {
        self.position = position
        self.sender = sender
        self.notices = notices
    }
}

/// The newest events of one room that concern its members, and how far each has read: enough to count what is unread without the store.
///
/// Events that are addressed to somebody are kept apart, so that a hundred plain messages do not push a mention out.
struct UnreadMessages: Sendable {
    /// Counts stop here: nobody tells 99 unread messages from more.
    static let highestCount = NoticeQueue.most

    private var plain = NoticeQueue()
    private var marked = NoticeQueue()
    private var readUpTo: [UserID: StreamPosition] = [:]

    /// Counts an event as its type has it; whoever sends anything has read what came before.
    mutating func note(_ event: PersistedEvent) {
        readUpTo[event.sender] = event.position
        if event.membership == .join, let user = event.stateKey.flatMap({ UserID($0) }), readUpTo[user] == nil {
            readUpTo[user] = event.position
        }
        let notices = EventNotices.standard(for: event.type, isState: event.stateKey != nil)
        insert(NoticedEvent(position: event.position, sender: event.sender, notices: notices))
    }

    /// Counts an event otherwise than its type has it. Comes right after the event itself.
    mutating func note(_ event: NoticedEvent) {
        plain.removeLast(at: event.position)
        insert(event)
    }

    /// An event lost its content: it concerns nobody any more.
    mutating func noteRedacted(at position: StreamPosition) {
        plain.remove(at: position)
        marked.remove(at: position)
    }

    private mutating func insert(_ event: NoticedEvent) {
        guard event.notices.concernsAnybody else { return }
        if event.notices.isMarked {
            marked.append(event)
        } else {
            plain.append(event)
        }
    }

    /// Fills in what happened before the server started, oldest first.
    mutating func restore(_ event: NoticedEvent) { insert(event) }

    /// A user has read up to a position; what was read before stays read.
    mutating func markRead(_ user: UserID, upTo position: StreamPosition) {
        readUpTo[user] = max(readUpTo[user] ?? .zero, position)
    }

    func hasRead(_ user: UserID, upTo position: StreamPosition) -> Bool { readUpTo[user] ?? .zero >= position }

    /// - Parameter ignored: whose events count as nobody's.
    func counts(for user: UserID, besides ignored: IgnoredUsers? = nil) -> UnreadCounts {
        let read = readUpTo[user] ?? .zero
        var counts = UnreadCounts()
        for events in [plain, marked] {
            events.forEach(after: read, besides: ignored) { event in
                if event.sender == user { return }
                let level = event.notices.level(for: user)
                if level > .none { counts.notifications += 1 }
                if level == .highlight { counts.highlights += 1 }
            }
        }
        return UnreadCounts(
            notifications: min(counts.notifications, Self.highestCount), highlights: min(counts.highlights, Self.highestCount))
    }

    /// Whether there are unread events of users whose ignoring may have begun or ended after a position: they count otherwise than before.
    func areCountedAnew(for user: UserID, _ ignored: IgnoredUsers, after position: StreamPosition) -> Bool {
        let read = readUpTo[user] ?? .zero
        return [plain, marked].contains { events in
            events.contains(after: read) { ignored.mayHaveChanged(for: $0, after: position) }
        }
    }
}

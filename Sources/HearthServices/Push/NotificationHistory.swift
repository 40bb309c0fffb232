import HearthStore
public import MatrixModel
import PushCore
public import SubscriptionCore

/// What a user was notified of, or would have been with a pusher: in rooms that the user is in, since the user joined, and the
/// invitations that stand.
///
/// Nothing is kept for it: it is what the events meant to the user when they came (``EventNotices``), so that rules that changed since
/// change nothing. Of the rule's actions `notify` and the highlight are known from that, sounds are not.
public struct NotificationHistory: Sendable {
    /// One event, and what it meant.
    public struct Entry: Sendable {
        public let event: PersistedEvent
        /// At least ``NoticeLevel/notify``.
        public let level: NoticeLevel
        public let isRead: Bool
    }

    /// The newest first.
    public struct Page: Sendable {
        public let entries: [Entry]
        /// Where to go on; nil when there is no more.
        public let next: SyncToken?
    }

    /// Entries on a page at most.
    public static let mostEntries = 100
    /// How many events of a room are looked at in one round, and how many rounds are made for a page that stays empty.
    private static let (chunk, rounds) = (100, 10)

    private let store: Store
    private let push: PushBook
    private let ignoring: IgnoringBook
    private let notifier: StreamNotifier

    init(store: Store, push: PushBook, ignoring: IgnoringBook, notifier: StreamNotifier) {
        self.store = store
        self.push = push
        self.ignoring = ignoring
        self.notifier = notifier
    }

    /// - Parameter limit: 1 to ``mostEntries`` is used, whatever it is.
    public func page(of user: UserID, from: SyncToken?, limit: Int, onlyHighlights: Bool) async throws -> Page {
        let (notifier, rules, ignored) = (notifier, push.rules(of: user), ignoring.ignored(by: user) ?? .nobody)
        let limit = min(max(limit, 1), Self.mostEntries)
        return try await store.read { store in
            let latest = try store.meta.position()
            var upTo = min(from?.position ?? latest, latest)
            var found: [Found] = []
            for _ in 0..<Self.rounds where found.isEmpty && upTo > .zero {
                let search = Search(
                    user: user, rules: rules, ignored: ignored, upTo: upTo, least: onlyHighlights ? .highlight : .notify)
                (found, upTo) = try search.run(store, chunk: Self.chunk)
            }
            if found.count > limit { upTo = StreamPosition(found[limit - 1].position.rawValue - 1) }
            let entries = try found.prefix(limit).compactMap { found -> Entry? in
                guard let event = try store.events.event(at: found.position) else { return nil }
                let isRead = notifier.ask { $0.hasRead(user, in: event.roomID, upTo: found.position) }
                return Entry(event: event, level: found.level, isRead: isRead)
            }
            return Page(entries: entries, next: upTo > .zero ? SyncToken(upTo) : nil)
        }
    }

    private typealias Found = (position: StreamPosition, level: NoticeLevel)

    /// One round through all the rooms.
    private struct Search {
        let user: UserID
        let rules: PushRuleset
        /// Of whom nothing is told, nor of what was missed.
        let ignored: IgnoredUsers
        let upTo: StreamPosition
        let least: NoticeLevel

        /// What was found, and up to where something may be left to be looked at.
        func run(_ store: StoreTransaction, chunk: Int) throws -> (found: [Found], rest: StreamPosition) {
            var (found, rest): ([Found], StreamPosition) = ([], .zero)
            for membership in try store.memberships.ordinary(of: user) where membership.position <= upTo {
                switch membership.membership {
                case .join:
                    let notices = try store.pushNotices.history(
                        in: membership.roomID, for: user, after: membership.position, upTo: upTo,
                        onlyMarked: least == .highlight, limit: chunk)
                    // Beyond the room that reaches least far back, the others would have gaps.
                    if notices.count == chunk, let oldest = notices.last {
                        rest = max(rest, StreamPosition(oldest.position.rawValue - 1))
                    }
                    found += notices.filter { !ignored.hides($0.sender, at: $0.position) }
                        .map { ($0.position, $0.notices.level(for: user)) }
                case .invite:
                    guard let event = try store.events.event(at: membership.position),
                        !ignored.hides(event.sender, at: event.position)
                    else { break }
                    let verdict = try PusherService.verdict(of: rules, on: event, for: user, store: store)
                    found.append((event.position, verdict.level))
                case .leave, .ban, .knock: break
                }
            }
            return (found.filter { $0.position > rest && $0.level >= least }.sorted { $0.position > $1.position }, rest)
        }
    }
}

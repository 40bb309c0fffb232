/// How much an event concerns a user, by the user's push rules.
public enum NoticeLevel: Int64, Comparable, Sendable {
    /// It counts as read as soon as it is there.
    case none = 0
    /// It counts as unread and goes to the user's pushers.
    case notify = 1
    /// It counts as unread and as addressed to the user.
    case highlight = 2

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// How much one event concerns the members of its room: one level for most of them, and those for whom it is another.
///
/// Nearly every event is *standard*: messages notify everybody, all else nobody. Of such an event nothing is kept.
public struct EventNotices: Sendable, Equatable {
    public var base: NoticeLevel
    /// Members whose level is not the base.
    public var deviations: [UserID: NoticeLevel]

    public init(base: NoticeLevel, deviations: [UserID: NoticeLevel] = [:]) {
        self.base = base
        self.deviations = deviations
    }

    /// What is assumed of an event of which nothing else is known.
    public static func standard(for type: EventType, isState: Bool) -> EventNotices {
        EventNotices(base: !isState && (type == .message || type == .encrypted) ? .notify : .none)
    }

    public func level(for user: UserID) -> NoticeLevel { deviations[user] ?? base }

    /// Whether it concerns anybody.
    public var concernsAnybody: Bool { base > .none || deviations.values.contains { $0 > .none } }

    /// Whether it is addressed to somebody more than to others, or notifies where most are not notified.
    public var isMarked: Bool { base == .highlight || deviations.values.contains { $0 > base } }
}

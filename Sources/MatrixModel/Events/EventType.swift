/// An event's type: open, compared by its bytes.
public struct EventType: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String

    public init(_ rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { rawValue = value }

    public static func == (lhs: Self, rhs: Self) -> Bool { lhs.rawValue.hasSameBytes(as: rhs.rawValue) }
    public func hash(into hasher: inout Hasher) { rawValue.hashBytes(into: &hasher) }
    public var description: String { rawValue }

    public static let create: EventType = "m.room.create"
    public static let member: EventType = "m.room.member"
    public static let powerLevels: EventType = "m.room.power_levels"
    public static let joinRules: EventType = "m.room.join_rules"
    public static let historyVisibility: EventType = "m.room.history_visibility"
    public static let guestAccess: EventType = "m.room.guest_access"
    public static let canonicalAlias: EventType = "m.room.canonical_alias"
    public static let aliases: EventType = "m.room.aliases"
    public static let name: EventType = "m.room.name"
    public static let topic: EventType = "m.room.topic"
    public static let avatar: EventType = "m.room.avatar"
    public static let encryption: EventType = "m.room.encryption"
    public static let serverACL: EventType = "m.room.server_acl"
    public static let tombstone: EventType = "m.room.tombstone"
    public static let thirdPartyInvite: EventType = "m.room.third_party_invite"
    public static let redaction: EventType = "m.room.redaction"
    public static let typing: EventType = "m.typing"
    public static let receipt: EventType = "m.receipt"
    /// Room account data: where the user left off.
    public static let fullyRead: EventType = "m.fully_read"
    /// Room account data: how the user has sorted the room.
    public static let tag: EventType = "m.tag"
    public static let encrypted: EventType = "m.room.encrypted"
    public static let message: EventType = "m.room.message"
    /// A user's push rules, in the global account data.
    public static let pushRules: EventType = "m.push_rules"
    /// Whom a user ignores, in the global account data.
    public static let ignoredUsers: EventType = "m.ignored_user_list"
    /// The effective presence in a profile room (MSC3032).
    public static let presence: EventType = "m.presence"
    /// The status text in a profile room (MSC3032).
    public static let status: EventType = "m.status"
    /// The profile in a profile room (MSC1769).
    public static let profile: EventType = "m.profile"
}

/// What names one piece of a room's state: type and state key, compared by their bytes.
public struct StateKey: Hashable, Sendable {
    public let type: EventType
    public let key: String

    public init(_ type: EventType, _ key: String = "") {
        self.type = type
        self.key = key
    }

    public static func == (lhs: Self, rhs: Self) -> Bool { lhs.type == rhs.type && lhs.key.hasSameBytes(as: rhs.key) }

    public func hash(into hasher: inout Hasher) {
        type.hash(into: &hasher)
        key.hashBytes(into: &hasher)
    }

    public static let create = StateKey(.create)
    public static let powerLevels = StateKey(.powerLevels)
    public static let joinRules = StateKey(.joinRules)
    public static let historyVisibility = StateKey(.historyVisibility)
    public static let presence = StateKey(.presence)
    public static let status = StateKey(.status)
    public static let profile = StateKey(.profile)

    public static func member(_ user: UserID) -> StateKey { StateKey(.member, user.rawValue) }
}

/// A user's relation to a room: `membership` of `m.room.member`.
public enum Membership: String, Sendable, CaseIterable {
    case join, invite, leave, ban, knock
}

public import MatrixModel
public import PresenceCore
public import SubscriptionCore

/// A user's presence as clients know it from before MSC3032: an event without a room.
public struct LegacyPresence: Sendable {
    public let user: UserID
    public let presence: Presence
    /// How long ago the user was last online, in milliseconds; 0 while online, nil if unknown.
    public let lastActiveAgo: Int64?
    public let statusMessage: String?

    /// What the lane says, at the time of delivery.
    public init(user: UserID, lane: LaneState, now: MatrixTimestamp) {
        self.user = user
        let content = lane.presence?.content
        presence = content?["presence"]?.stringValue.flatMap { Presence(wire: $0) } ?? .offline
        let lastActive = content?["last_active_ts"]?.integerValue
        lastActiveAgo = presence == .online ? 0 : lastActive.map { max(0, now.milliseconds - $0) }
        statusMessage = lane.status.flatMap { ProfileStatus.text(of: $0.content) }
    }

    /// The value on the wire: what legacy clients know `busy` as.
    public var wirePresence: String { presence == .busy ? "org.matrix.msc3026.busy" : presence.rawValue }
}

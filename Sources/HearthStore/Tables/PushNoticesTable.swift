public import MatrixModel

/// An event that concerns somebody, with its sender.
public struct StoredNotices: Sendable, Equatable {
    public let position: StreamPosition
    public let sender: UserID
    public let notices: EventNotices
}

/// What push rules made of events. An event without a row means what its type has it (``EventNotices/standard(for:isState:)``).
public struct PushNoticesTable {
    let db: Database

    private enum Kind: Int {
        case nobody = 0
        case somebody = 1
        case marked = 2
    }

    public func insert(_ notices: EventNotices, at position: StreamPosition, in room: RoomID) throws {
        let kind: Kind = notices.isMarked ? .marked : notices.concernsAnybody ? .somebody : .nobody
        let deviations = JSONObject(notices.deviations.map { ($0.key.rawValue, .integer($0.value.rawValue)) })
        try db.run(
            "INSERT INTO push_notices (position, room_id, kind, base, deviations) VALUES (?, ?, ?, ?, ?)",
            [
                position.rawValue, room.rawValue, kind.rawValue, notices.base.rawValue,
                deviations.isEmpty ? nil : try StoredJSON.data(deviations),
            ])
    }

    /// Has an event concern nobody.
    public func silence(_ position: StreamPosition, in room: RoomID) throws {
        try db.run(
            """
            INSERT INTO push_notices (position, room_id, kind, base, deviations) VALUES (?, ?, 0, 0, NULL)
            ON CONFLICT (position) DO UPDATE SET kind = 0, base = 0, deviations = NULL
            """, [position.rawValue, room.rawValue])
    }

    /// The positions of what may notify a user after a position, in stream order: others' events in joined rooms that concern somebody,
    /// and invitations.
    public func candidates(for user: UserID, after position: StreamPosition, limit: Int) throws -> [StreamPosition] {
        try db.rows(
            """
            SELECT e.position AS position FROM memberships m JOIN events e ON e.room_id = m.room_id AND e.is_lane = 0
            LEFT JOIN push_notices n ON n.position = e.position
            WHERE m.user_id = ? AND m.membership = 'join' AND e.position > ? AND e.position > m.position AND e.sender <> m.user_id
            AND (n.kind > 0 OR n.kind IS NULL AND e.state_key IS NULL AND e.type IN ('m.room.message', 'm.room.encrypted'))
            UNION SELECT position FROM memberships WHERE user_id = ? AND membership = 'invite' AND position > ?
            ORDER BY position LIMIT ?
            """, [user.rawValue, position.rawValue, user.rawValue, position.rawValue, limit]
        ) { try $0["position"] }
    }

    /// Others' events of a room that concern somebody, after one position and not after another, the newest first.
    ///
    /// - Parameter onlyMarked: leaves out what is addressed to nobody more than to others; no highlight is among that.
    public func history(
        in room: RoomID, for user: UserID, after: StreamPosition, upTo: StreamPosition, onlyMarked: Bool, limit: Int
    ) throws -> [StoredNotices] {
        let source =
            onlyMarked
            ? """
            FROM push_notices n JOIN events e ON e.position = n.position
            WHERE n.room_id = ? AND n.kind = 2 AND n.position > ? AND n.position <= ?
            """
            : """
            FROM events e LEFT JOIN push_notices n ON n.position = e.position
            WHERE e.room_id = ? AND e.is_lane = 0 AND e.position > ? AND e.position <= ? AND (n.kind > 0
                OR n.kind IS NULL AND e.state_key IS NULL AND e.type IN ('m.room.message', 'm.room.encrypted'))
            """
        return try db.rows(
            """
            SELECT e.position, e.type, e.state_key, e.sender, n.base, n.deviations \(source)
            AND e.sender <> ? ORDER BY e.position DESC LIMIT ?
            """, [room.rawValue, after.rawValue, upTo.rawValue, user.rawValue, limit], Self.notices)
    }

    /// What an event means to the members of its room.
    public func notices(of event: PersistedEvent) throws -> EventNotices {
        try db.readableRow(
            "SELECT base, deviations FROM push_notices WHERE position = ?", [event.position.rawValue], Self.stored
        ) ?? .standard(for: event.type, isState: event.stateKey != nil)
    }

    static func notices(_ row: Row) throws -> StoredNotices {
        let sender: UserID = try row["sender"]
        let isStandard = row.databaseValue("base").isNull
        return try StoredNotices(
            position: row["position"], sender: sender,
            notices: isStandard
                ? .standard(for: row["type"], isState: !row.databaseValue("state_key").isNull) : try stored(row))
    }

    /// Deviations that cannot be read are none: what the event meant to most still counts.
    private static func stored(_ row: Row) throws -> EventNotices {
        let base: NoticeLevel = try row["base"]
        do throws(StoreError) {
            return EventNotices(base: base, deviations: try deviations(row))
        } catch {
            UnreadableRows.passedOver("push_notices.deviations", of: nil)
            return EventNotices(base: base)
        }
    }

    static func deviations(_ row: Row) throws(StoreError) -> [UserID: NoticeLevel] {
        if row.databaseValue("deviations").isNull { return [:] }
        var deviations: [UserID: NoticeLevel] = [:]
        for member in try StoredJSON.object(row, "deviations", of: "push_notices").members {
            guard let user = UserID(member.key), let level = member.value.integerValue.flatMap(NoticeLevel.init(rawValue:)) else {
                throw StoreError.corrupt("push_notices.deviations")
            }
            deviations[user] = level
        }
        return deviations
    }
}

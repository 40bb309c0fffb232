public import MatrixModel
public import RoomRules

/// A room and the ends of its event graph.
public struct RoomRecord: Sendable {
    public let roomID: RoomID
    public let version: RoomVersion
    /// The user whose profile room this is; nil for an ordinary room. The only thing that makes a room a profile room.
    public let profileOwner: UserID?
    /// The ends of the event graph. In an ordinary room the lane stays empty.
    public var tips: LaneTips
    /// The time of the newest event: times strictly rise in a room, as long as the clock was not far ahead.
    public var lastOriginServerTS: MatrixTimestamp

    public init(
        roomID: RoomID, version: RoomVersion, profileOwner: UserID?, tips: LaneTips, lastOriginServerTS: MatrixTimestamp
    ) {
        self.roomID = roomID
        self.version = version
        self.profileOwner = profileOwner
        self.tips = tips
        self.lastOriginServerTS = lastOriginServerTS
    }
}

/// The rooms this server holds. The profile room of a deactivated user stays in the tables and is found by nothing here.
public struct RoomsTable {
    let db: Database

    /// Looks the owner up by id; a list of all who are deactivated would be made by reading every user.
    private static let isOpen = """
        NOT EXISTS (SELECT 1 FROM users WHERE users.user_id = rooms.profile_owner AND users.is_deactivated = 1)
        """

    public func room(_ roomID: RoomID) throws -> RoomRecord? {
        try db.readableRow("SELECT * FROM rooms WHERE room_id = ? AND \(Self.isOpen)", [roomID.rawValue], record)
    }

    public func profileRoom(of user: UserID) throws -> RoomID? {
        try db.readableRow("SELECT room_id FROM rooms WHERE profile_owner = ? AND \(Self.isOpen)", [user.rawValue]) {
            try Self.roomID($0)
        }
    }

    /// All profile rooms with their owners.
    public func profileRooms() throws -> [(owner: UserID, roomID: RoomID)] {
        try db.rows("SELECT room_id, profile_owner FROM rooms WHERE profile_owner IS NOT NULL AND \(Self.isOpen)") { row in
            let owner: UserID = try row["profile_owner"]
            return (owner: owner, roomID: try Self.roomID(row))
        }
    }

    /// All rooms in the order in which they were made.
    public func all() throws -> [RoomID] {
        try db.rows(
            "SELECT room_id FROM rooms WHERE \(Self.isOpen) ORDER BY created_ts, room_id", StatementArguments(), Self.roomID)
    }

    public func insert(_ room: RoomRecord, at now: MatrixTimestamp) throws {
        try db.run(
            """
            INSERT INTO rooms (room_id, version, profile_owner, created_ts, main_event_id, main_depth, last_origin_server_ts)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                room.roomID.rawValue, room.version.rawValue, room.profileOwner?.rawValue, now.milliseconds,
                room.tips.main.id.rawValue, room.tips.main.depth, room.lastOriginServerTS.milliseconds,
            ])
    }

    /// Stores what an event changed of the ends of its room's graph.
    ///
    /// The end of a lane is its newest event in the current state: a lane event that goes on from the one before it changes nothing here.
    public func updateTips(_ room: RoomRecord, since before: RoomRecord) throws {
        let isClockSetBack = room.lastOriginServerTS < before.lastOriginServerTS
        let isMainAsBefore = room.tips.main == before.tips.main && room.tips.mainNamedByLane == before.tips.mainNamedByLane
        if isMainAsBefore && !isClockSetBack { return }
        try db.run(
            """
            UPDATE rooms SET main_event_id = ?, main_depth = ?, main_named_by_lane = ?, last_origin_server_ts = ? WHERE room_id = ?
            """,
            [
                room.tips.main.id.rawValue, room.tips.main.depth, room.tips.mainNamedByLane?.rawValue,
                room.lastOriginServerTS.milliseconds, room.roomID.rawValue,
            ])
    }

    private static func roomID(_ row: Row) throws -> RoomID {
        try row["room_id"]
    }

    private func record(_ row: Row) throws -> RoomRecord {
        let version: RoomVersion = try row["version"]
        let mainTip: EventID = try row["main_event_id"]
        let roomID = try Self.roomID(row)
        let owner: UserID? = try row["profile_owner"]
        let lane = owner == nil ? nil : try EventsTable(db: db).laneEnd(of: roomID)
        let lastInRow: MatrixTimestamp = try row["last_origin_server_ts"]
        return try RoomRecord(
            roomID: roomID, version: version, profileOwner: owner,
            tips: LaneTips(
                main: LaneTips.Tip(id: mainTip, depth: row["main_depth"]),
                lane: lane.map { LaneTips.Tip(id: $0.id, depth: $0.depth) },
                mainNamedByLane: row["main_named_by_lane"]),
            lastOriginServerTS: max(lastInRow, lane?.originServerTS ?? lastInRow))
    }
}

import MatrixModel
import RoomRules

/// How a row of `events` becomes an event, whatever is in it; ``EventRowReader`` does the same for the usual ones of many. Columns go by their
/// number, and bytes are cut out of what was stored.
extension EventsTable {
    private typealias Column = EventColumn

    func persisted(_ row: Row) throws -> PersistedEvent {
        let roomID: RoomID = try row[Column.roomID.rawValue]
        let eventID: EventID = try row[Column.eventID.rawValue]
        let sender: UserID = try row[Column.sender.rawValue]
        var transaction: EventTransaction?
        // Damage to these costs a client the id of its request, and nobody the event.
        if let device = DeviceID.fromStored(row.databaseValue(at: Column.deviceID.rawValue)),
            let id = String.fromStored(row.databaseValue(at: Column.transactionID.rawValue))
        {
            transaction = EventTransaction(device: DeviceKey(user: sender, device: device), id: id)
        }
        return try row.withBytes(at: Column.json.rawValue) { json in
            try row.withBytes(at: Column.unsigned.rawValue) { unsigned in
                func event(_ content: UnsafeBufferPointer<UInt8>) throws -> PersistedEvent {
                    try PersistedEvent(
                        position: row[Column.position.rawValue], roomID: roomID, eventID: eventID,
                        type: row[Column.type.rawValue], stateKey: row[Column.stateKey.rawValue], sender: sender,
                        originServerTS: row[Column.originServerTS.rawValue],
                        isLane: row[Column.isLane.rawValue], transaction: transaction, content: content,
                        unsigned: Self.readable(unsigned, of: sender))
                }
                if let range = json.canonicalMember("content") {
                    let content = UnsafeBufferPointer(rebasing: json[range])
                    if content.isJSONObject { return try event(content) }
                }
                return try contentStandIn(for: row, room: roomID, sender: sender).bytes.withUnsafeBufferPointer(event)
            }
        }
    }

    /// `unsigned` as it was stored, or nothing of it.
    private static func readable(_ unsigned: UnsafeBufferPointer<UInt8>, of sender: UserID) -> UnsafeBufferPointer<UInt8> {
        if unsigned.isEmpty || unsigned.isJSONObject { return unsigned }
        UnreadableRows.passedOver("events.unsigned", of: sender.rawValue)
        return UnsafeBufferPointer(start: nil, count: 0)
    }
}

/// What stands for events whose JSON cannot be read. They are served without their content, as if they were redacted, and can be
/// redacted, replaced as state and judged like all others: moderation never depends on reading what it removes.
extension EventsTable {
    func standIn(for row: Row, id: EventID, version: RoomVersion) throws -> SignedEvent {
        let room: RoomID = try row["room_id"]
        let sender: UserID = try row["sender"]
        return try SignedEvent(
            standingInFor: id, roomID: room, type: row["type"], stateKey: row["state_key"], sender: sender,
            content: try contentStandIn(for: row, room: room, sender: sender),
            originServerTS: row["origin_server_ts"], depth: row["main_depth"], version: version)
    }

    /// Nothing, but for what decides who may see and do what: the membership is what the table of memberships has, a profile room's
    /// rules are those of every profile room, and another room's history is as little shown as can be.
    private func contentStandIn(for row: Row, room: RoomID, sender: UserID) throws -> JSONObject {
        UnreadableRows.passedOver("events.json", of: sender.rawValue)
        let type: EventType = try row["type"]
        guard let key: String = try row["state_key"] else { return [:] }
        if type == .member { return try memberStandIn(for: key, at: try row["position"], in: room) }
        let owner: UserID?? = try db.readableRow("SELECT profile_owner FROM rooms WHERE room_id = ?", [room.rawValue]) { row in
            try row["profile_owner"]
        }
        if let owner = owner ?? nil,
            let alias = RoomAlias(localpart: "@\(owner.localpart)", server: owner.server)
        {
            let rules = ProfileRoomRules.initialState(owner: owner, hearth: sender, roomAlias: alias)
            return rules.first { $0.type == type && $0.stateKey.hasSameBytes(as: key) }?.content ?? [:]
        }
        return type == .historyVisibility ? ["history_visibility": "joined"] : [:]
    }

    private func memberStandIn(for user: String, at position: Int64, in room: RoomID) throws -> JSONObject {
        let membership: Membership? = try db.readableRow(
            """
            SELECT membership FROM current_state JOIN memberships
            ON memberships.user_id = current_state.state_key AND memberships.room_id = current_state.room_id
            WHERE current_state.room_id = ? AND current_state.type = 'm.room.member' AND current_state.state_key = ?
            AND current_state.position = ?
            """, [room.rawValue, user, position]
        ) { try $0["membership"] }
        return ["membership": .string((membership ?? .leave).rawValue)]
    }
}

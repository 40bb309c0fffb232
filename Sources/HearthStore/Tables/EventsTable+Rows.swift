import GRDB
import MatrixModel

/// How a row of `events` becomes an event. Whole rooms are read row by row, so that columns go by their number and bytes are cut out
/// of what was stored.
extension EventsTable {
    /// The columns of the table in the order of the schema: queries select all of them, and others only behind them.
    private enum Column: Int {
        case position, eventID, roomID, type, stateKey, sender, originServerTS, isLane, json, unsigned, deviceID, transactionID
    }

    static func persisted(_ row: Row) throws -> PersistedEvent {
        guard let roomID = RoomID(row[Column.roomID.rawValue] as String),
            let eventID = EventID(row[Column.eventID.rawValue] as String),
            let sender = UserID(row[Column.sender.rawValue] as String)
        else { throw StoreError.corrupt("an event") }
        var transaction: EventTransaction?
        if let device = (row[Column.deviceID.rawValue] as String?).flatMap({ DeviceID($0) }),
            let id: String = row[Column.transactionID.rawValue]
        {
            transaction = EventTransaction(device: DeviceKey(user: sender, device: device), id: id)
        }
        let event = try row.withBytes(at: Column.json.rawValue) { json in
            guard let content = json.canonicalMember("content"), json[content.lowerBound] == UInt8(ascii: "{") else {
                throw StoreError.corrupt("an event")
            }
            return try row.withBytes(at: Column.unsigned.rawValue) { unsigned in
                PersistedEvent(
                    position: StreamPosition(row[Column.position.rawValue]), roomID: roomID, eventID: eventID,
                    type: EventType(row[Column.type.rawValue]), stateKey: row[Column.stateKey.rawValue], sender: sender,
                    originServerTS: MatrixTimestamp(milliseconds: row[Column.originServerTS.rawValue]),
                    isLane: row[Column.isLane.rawValue], transaction: transaction,
                    content: UnsafeBufferPointer(rebasing: json[content]), unsigned: unsigned)
            }
        }
        return event
    }
}

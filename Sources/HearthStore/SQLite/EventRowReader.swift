import GRDB
import GRDBSQLite
import MatrixModel

/// Makes events of the rows of `events` where SQLite has them: whole rooms are read with it, and all that a row does not need is left out.
///
/// It knows the usual row alone. Whatever is unusual about one, damage above all, it leaves to the table, which says what is
/// made of it. Rows of one room share its id, and users of one server its name.
struct EventRowReader {
    private typealias Column = EventColumn

    private let statement: SQLiteStatement
    private var room: RoomID?
    private var server: ServerName?

    init(_ row: SQLiteRow) { statement = row.pointer }

    /// About how many bytes the row has: the parts that may be large are counted, for the ids and times there is an allowance.
    var bytes: Int {
        160 + count(.json) + count(.unsigned) + count(.type) + count(.stateKey)
    }

    var position: StreamPosition { StreamPosition(number(.position)) }

    /// The event of the row that the statement stands at; nil for a row that is not as they all are.
    mutating func event() -> PersistedEvent? {
        guard hasUsualClasses, let room = readRoom(), let eventID = text(.eventID).flatMap({ EventID($0) }),
            let sender = readSender(), let type = text(.type)
        else { return nil }
        let (json, unsigned) = (blob(.json), blob(.unsigned))
        guard let range = json.canonicalMember("content"), unsigned.isEmpty || unsigned.isJSONObject else { return nil }
        let content = UnsafeBufferPointer(rebasing: json[range])
        guard content.isJSONObject else { return nil }
        var transaction: EventTransaction?
        if let device = text(.deviceID).flatMap({ DeviceID($0) }), let id = text(.transactionID) {
            transaction = EventTransaction(device: DeviceKey(user: sender, device: device), id: id)
        }
        return PersistedEvent(
            position: position, roomID: room, eventID: eventID, type: EventType(type), stateKey: text(.stateKey), sender: sender,
            originServerTS: MatrixTimestamp(milliseconds: number(.originServerTS)), isLane: number(.isLane) != 0,
            transaction: transaction, content: content, unsigned: unsigned)
    }

    private mutating func readRoom() -> RoomID? {
        guard let bytes = textBytes(.roomID) else { return nil }
        if let room, room.rawValue.utf8.elementsEqual(bytes) { return room }
        room = RoomID(String(decoding: bytes, as: UTF8.self))
        return room
    }

    private mutating func readSender() -> UserID? {
        guard let text = text(.sender), let sender = UserID(text, likelyOn: server) else { return nil }
        server = sender.server
        return sender
    }

    // MARK: Columns

    private func index(_ column: Column) -> Int32 { Int32(column.rawValue) }

    /// Whether every value is of the class that Hearth gives it. SQLite would make something of any other.
    private var hasUsualClasses: Bool {
        func has(_ column: Column, _ usual: Int32, orNull: Bool = false) -> Bool {
            let type = sqlite3_column_type(statement, index(column))
            return type == usual || orNull && type == SQLITE_NULL
        }
        return has(.eventID, SQLITE_TEXT) && has(.roomID, SQLITE_TEXT) && has(.type, SQLITE_TEXT) && has(.sender, SQLITE_TEXT)
            && has(.stateKey, SQLITE_TEXT, orNull: true) && has(.deviceID, SQLITE_TEXT, orNull: true)
            && has(.transactionID, SQLITE_TEXT, orNull: true) && has(.originServerTS, SQLITE_INTEGER)
            && has(.isLane, SQLITE_INTEGER) && has(.json, SQLITE_BLOB) && has(.unsigned, SQLITE_BLOB, orNull: true)
            && Int64.storable.contains(number(.position)) && Int64.storable.contains(number(.originServerTS))
    }

    private func number(_ column: Column) -> Int64 { sqlite3_column_int64(statement, index(column)) }

    private func count(_ column: Column) -> Int { Int(sqlite3_column_bytes(statement, index(column))) }

    private func text(_ column: Column) -> String? { textBytes(column).map { String(decoding: $0, as: UTF8.self) } }

    /// Nil for NULL.
    private func textBytes(_ column: Column) -> UnsafeBufferPointer<UInt8>? {
        sqlite3_column_text(statement, index(column)).map { UnsafeBufferPointer(start: $0, count: count(column)) }
    }

    /// Empty for NULL.
    private func blob(_ column: Column) -> UnsafeBufferPointer<UInt8> {
        guard let start = sqlite3_column_blob(statement, index(column)) else { return UnsafeBufferPointer(start: nil, count: 0) }
        let count = count(column)
        return UnsafeBufferPointer(start: start.bindMemory(to: UInt8.self, capacity: count), count: count)
    }
}

import MatrixModel
import RoomRules

/// A column that holds JSON: how its values are read, and by what an operator finds the row of one that cannot be.
struct JSONColumn: Sendable {
    enum Shape: Sendable {
        case object
        /// A string or an object.
        case key
        /// An event in federation format.
        case event
        /// An object, or NULL.
        case unsigned, deviations
    }

    let table: String
    let column: String
    let shape: Shape
    /// The columns that name the user and the row.
    let owner: String
    let key: String

    /// Every column of the schema that holds JSON.
    static let all = [
        JSONColumn(table: "events", column: "json", shape: .event, owner: "sender", key: "event_id"),
        JSONColumn(table: "events", column: "unsigned", shape: .unsigned, owner: "sender", key: "event_id"),
        JSONColumn(table: "account_data", column: "content", shape: .object, owner: "user_id", key: "type"),
        JSONColumn(table: "filters", column: "json", shape: .object, owner: "user_id", key: "filter_id"),
        JSONColumn(table: "push_notices", column: "deviations", shape: .deviations, owner: "NULL", key: "position"),
        JSONColumn(table: "pushers", column: "json", shape: .object, owner: "user_id", key: "app_id"),
        JSONColumn(table: "program_fields", column: "content", shape: .unsigned, owner: "user_id", key: "field"),
        JSONColumn(table: "device_keys", column: "keys", shape: .object, owner: "user_id", key: "device_id"),
        JSONColumn(table: "one_time_keys", column: "key", shape: .key, owner: "user_id", key: "key_id"),
        JSONColumn(table: "fallback_keys", column: "key", shape: .key, owner: "user_id", key: "key_id"),
        JSONColumn(table: "cross_signing_keys", column: "key", shape: .object, owner: "user_id", key: "usage"),
        JSONColumn(table: "to_device_messages", column: "content", shape: .object, owner: "user_id", key: "position"),
        JSONColumn(table: "key_backups", column: "auth_data", shape: .object, owner: "user_id", key: "version"),
        JSONColumn(table: "key_backup_sessions", column: "session_data", shape: .object, owner: "user_id", key: "session_id"),
    ]

    private var query: String {
        switch shape {
        case .event:
            "SELECT json, event_id, version, sender AS row_owner, event_id AS row_key FROM events JOIN rooms USING (room_id)"
        case .object, .key, .unsigned, .deviations:
            "SELECT \(column), \(owner) AS row_owner, CAST(\(key) AS TEXT) AS row_key FROM \(table)"
        }
    }

    /// Reads every value and hands on those that nothing can be made of.
    func eachUnreadable(in db: Database, _ body: (UnreadableValue) -> Void) throws {
        guard try db.connection.hasTable(table) else { return }
        try db.eachRow(query) { row in
            if try isReadable(row) { return }
            body(
                UnreadableValue(
                    place: "\(table).\(column)", user: String.fromStored(row.databaseValue("row_owner")),
                    key: String.fromStored(row.databaseValue("row_key")) ?? ""))
        }
    }

    private func isReadable(_ row: Row) throws -> Bool {
        do throws(StoreError) {
            switch shape {
            case .object: _ = try StoredJSON.object(row, column, of: table)
            case .key: _ = try StoredJSON.key(row, column, of: table)
            case .deviations: _ = try PushNoticesTable.deviations(row)
            case .event, .unsigned: break
            }
        } catch {
            return false
        }
        switch shape {
        case .event:
            guard let version = RoomVersion.fromStored(row.databaseValue("version")),
                let id = EventID.fromStored(row.databaseValue("event_id"))
            else { return false }
            return try EventsTable.readable(row, id: id, version: version) != nil
                && row.withBytes(at: 0) { json in
                    json.canonicalMember("content").map { UnsafeBufferPointer(rebasing: json[$0]).isJSONObject } ?? false
                }
        case .unsigned: return try row.databaseValue(at: 0).isNull || row.withBytes(at: 0) { $0.isJSONObject }
        case .object, .key, .deviations: return true
        }
    }
}

/// A stored value that nothing can be made of, by where it stands.
public struct UnreadableValue: Sendable, Equatable, CustomStringConvertible {
    /// Table and column.
    public let place: String
    /// Whose it is; nil where the row does not tell.
    public let user: String?
    /// What tells it from the user's others: an event's id, the type of account data, and so on.
    public let key: String

    public var description: String { "\(place) \(key)" + (user.map { " of \($0)" } ?? "") }
}

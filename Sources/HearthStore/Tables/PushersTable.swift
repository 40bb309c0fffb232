public import MatrixModel

/// A pusher: where notifications of a user are sent, and how far that has come.
public struct StoredPusher: Sendable {
    public let user: UserID
    public let appID: String
    public let pushkey: String
    /// The device whose access token set it last.
    public let device: DeviceID
    /// What the client set, but for `app_id` and `pushkey`: `kind`, `data`, the names and so on.
    public let json: JSONObject
    /// When it was set last.
    public let set: MatrixTimestamp
    /// Everything up to here is delivered.
    public let position: StreamPosition
    public let lastSuccess: MatrixTimestamp?
    public let lastFailure: MatrixTimestamp?

    public init(
        user: UserID, appID: String, pushkey: String, device: DeviceID, json: JSONObject, set: MatrixTimestamp,
        position: StreamPosition, lastSuccess: MatrixTimestamp? = nil, lastFailure: MatrixTimestamp? = nil
    ) {
        (self.user, self.appID, self.pushkey, self.device) = (user, appID, pushkey, device)
        (self.json, self.set, self.position) = (json, set, position)
        (self.lastSuccess, self.lastFailure) = (lastSuccess, lastFailure)
    }
}

/// Users' pushers.
public struct PushersTable {
    let db: Database

    public func all() throws -> [StoredPusher] { try db.rows("SELECT * FROM pushers", StatementArguments(), Self.pusher) }

    /// In the order of their app ids and keys.
    public func pushers(of user: UserID) throws -> [StoredPusher] {
        try db.rows("SELECT * FROM pushers WHERE user_id = ? ORDER BY app_id, pushkey", [user.rawValue], Self.pusher)
    }

    public func pusher(of user: UserID, appID: String, pushkey: String) throws -> StoredPusher? {
        try db.readableRow(
            "SELECT * FROM pushers WHERE user_id = ? AND app_id = ? AND pushkey = ?", [user.rawValue, appID, pushkey],
            Self.pusher)
    }

    /// A pusher by what it is called, whether or not the rest of it can be read.
    public struct Name: Sendable {
        public let user: UserID
        public let appID: String
        public let pushkey: String
        public let device: DeviceID
    }

    /// The pushers of all users under one key.
    public func names(appID: String, pushkey: String) throws -> [Name] {
        try db.rows(
            "SELECT user_id, app_id, pushkey, device_id FROM pushers WHERE app_id = ? AND pushkey = ?", [appID, pushkey],
            Self.name)
    }

    public func names(of user: UserID) throws -> [Name] {
        try db.rows("SELECT user_id, app_id, pushkey, device_id FROM pushers WHERE user_id = ?", [user.rawValue], Self.name)
    }

    private static func name(_ row: Row) throws -> Name {
        let user: UserID = try row["user_id"]
        let device: DeviceID = try row["device_id"]
        return try Name(user: user, appID: row["app_id"], pushkey: row["pushkey"], device: device)
    }

    public func set(_ pusher: StoredPusher) throws {
        try db.checkKey(pusher.user.rawValue, pusher.appID, pusher.pushkey)
        try db.run(
            """
            INSERT INTO pushers (user_id, app_id, pushkey, device_id, json, set_ts, position, last_success_ts, last_failure_ts)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (user_id, app_id, pushkey) DO UPDATE SET device_id = excluded.device_id, json = excluded.json,
                set_ts = excluded.set_ts, position = excluded.position, last_success_ts = excluded.last_success_ts,
                last_failure_ts = excluded.last_failure_ts
            """,
            [
                pusher.user.rawValue, pusher.appID, pusher.pushkey, pusher.device.rawValue, try StoredJSON.data(pusher.json),
                pusher.set.milliseconds, pusher.position.rawValue, pusher.lastSuccess?.milliseconds,
                pusher.lastFailure?.milliseconds,
            ])
    }

    /// Notes how far a pusher has come; one that is gone by now stays gone.
    public func setProgress(
        of user: UserID, appID: String, pushkey: String, position: StreamPosition, lastSuccess: MatrixTimestamp?,
        lastFailure: MatrixTimestamp?
    ) throws {
        try db.run(
            """
            UPDATE pushers SET position = ?, last_success_ts = ?, last_failure_ts = ?
            WHERE user_id = ? AND app_id = ? AND pushkey = ?
            """,
            [position.rawValue, lastSuccess?.milliseconds, lastFailure?.milliseconds, user.rawValue, appID, pushkey])
    }

    /// Has every pusher begin at a position.
    public func startAll(at position: StreamPosition) throws {
        try db.run("UPDATE pushers SET position = ?", [position.rawValue])
    }

    /// Has those begin at a position that would wait for what comes after a later one.
    public func startLost(at position: StreamPosition) throws {
        try db.run("UPDATE pushers SET position = ?1 WHERE position > ?1", [position.rawValue])
    }

    public func delete(of user: UserID, appID: String, pushkey: String) throws {
        try db.run(
            "DELETE FROM pushers WHERE user_id = ? AND app_id = ? AND pushkey = ?", [user.rawValue, appID, pushkey])
    }

    private static func pusher(_ row: Row) throws -> StoredPusher {
        let user: UserID = try row["user_id"]
        let device: DeviceID = try row["device_id"]
        let json = try StoredJSON.object(row, "json", of: "pushers")
        return try StoredPusher(
            user: user, appID: row["app_id"], pushkey: row["pushkey"], device: device, json: json,
            set: row["set_ts"], position: row["position"],
            lastSuccess: row["last_success_ts"],
            lastFailure: row["last_failure_ts"])
    }
}

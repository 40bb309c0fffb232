public import MatrixModel

/// One choice of presence that stands, in the wire's words.
public struct StoredChoice: Sendable, Equatable {
    /// Whose it is.
    public enum Kind: String, Sendable { case user, device, away }

    public var kind: Kind
    /// Nil for the user's own.
    public var device: DeviceID?
    public var presence: String
    public var expires: MatrixTimestamp?
    /// Grows with each choice of the user.
    public var number: Int64
    public var isInBackground: Bool
    public var endsWithSync: Bool

    public init(
        kind: Kind, device: DeviceID?, presence: String, expires: MatrixTimestamp?, number: Int64, isInBackground: Bool,
        endsWithSync: Bool
    ) {
        (self.kind, self.device, self.presence, self.expires) = (kind, device, presence, expires)
        (self.number, self.isInBackground, self.endsWithSync) = (number, isInBackground, endsWithSync)
    }
}

/// What users and their devices have chosen to be.
public struct PresenceChoicesTable {
    let db: Database

    /// Those of all users; one that cannot be read is passed over.
    public func all() throws -> [(user: UserID, choice: StoredChoice)] {
        try db.rows("SELECT * FROM presence_choices", StatementArguments()) { row in
            let user: UserID = try row["user_id"]
            let kind: StoredChoice.Kind = try row["kind"]
            return try (
                user,
                StoredChoice(
                    kind: kind, device: DeviceID(row["device_id"] as String), presence: row["presence"],
                    expires: row["expires_ts"], number: row["number"],
                    isInBackground: row["is_in_background"], endsWithSync: row["ends_with_sync"])
            )
        }
    }

    /// Makes a choice, or takes it over in the place of the same one.
    public func set(_ choice: StoredChoice, of user: UserID) throws {
        try db.run(
            """
            INSERT INTO presence_choices
                (user_id, kind, device_id, presence, expires_ts, number, is_in_background, ends_with_sync)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (user_id, kind, device_id) DO UPDATE SET presence = excluded.presence, expires_ts = excluded.expires_ts,
                number = excluded.number, is_in_background = excluded.is_in_background, ends_with_sync = excluded.ends_with_sync
            """,
            [
                user.rawValue, choice.kind.rawValue, choice.device?.rawValue ?? "", choice.presence,
                choice.expires?.milliseconds, choice.number, choice.isInBackground, choice.endsWithSync,
            ])
    }

    public func delete(_ kind: StoredChoice.Kind, by device: DeviceID?, of user: UserID) throws {
        try db.run(
            "DELETE FROM presence_choices WHERE user_id = ? AND kind = ? AND device_id = ?",
            [user.rawValue, kind.rawValue, device?.rawValue ?? ""])
    }

    /// Forgets what a device chose: it was logged out.
    public func deleteAll(of device: DeviceKey) throws {
        try db.run(
            "DELETE FROM presence_choices WHERE user_id = ? AND device_id = ?", [device.user.rawValue, device.device.rawValue])
    }

    public func deleteAll(of user: UserID) throws {
        try db.run("DELETE FROM presence_choices WHERE user_id = ?", [user.rawValue])
    }
}

import GRDB
public import MatrixModel

/// What of a user's presence outlives the process, in the wire's words.
public struct StoredPresence: Sendable, Equatable {
    public var user: UserID
    /// The choice that the user made by hand; nil when presence is automatic.
    public var manual: Manual?
    /// What was last published; nil before the first publication.
    public var published: String?
    /// When the user was last published as online.
    public var lastOnline: MatrixTimestamp?

    public struct Manual: Sendable, Equatable {
        public var presence: String
        public var expires: MatrixTimestamp?
        /// The device that put a soft `unavailable`; nil for a firm choice.
        public var softDevice: DeviceID?

        public init(presence: String, expires: MatrixTimestamp?, softDevice: DeviceID?) {
            self.presence = presence
            self.expires = expires
            self.softDevice = softDevice
        }
    }
}

/// Users' manual choices and what was published of them.
public struct PresenceTable {
    let db: Database

    public func all() throws -> [StoredPresence] {
        try db.rows("SELECT * FROM presence") { row in
            guard let user = UserID(row["user_id"] as String) else { throw StoreError.corrupt("a user id") }
            let manual = (row["manual_presence"] as String?).map { presence in
                StoredPresence.Manual(
                    presence: presence, expires: Self.time(row["manual_expires_ts"]),
                    softDevice: (row["manual_soft_device"] as String?).flatMap { DeviceID($0) })
            }
            return StoredPresence(
                user: user, manual: manual, published: row["published"], lastOnline: Self.time(row["last_online_ts"]))
        }
    }

    public func setManual(_ manual: StoredPresence.Manual?, of user: UserID) throws {
        try db.run(
            """
            INSERT INTO presence (user_id, manual_presence, manual_expires_ts, manual_soft_device) VALUES (?, ?, ?, ?)
            ON CONFLICT (user_id) DO UPDATE SET manual_presence = excluded.manual_presence,
                manual_expires_ts = excluded.manual_expires_ts, manual_soft_device = excluded.manual_soft_device
            """,
            [user.rawValue, manual?.presence, manual?.expires?.milliseconds, manual?.softDevice?.rawValue])
    }

    /// Both of what the two others set, in one statement.
    public func set(
        _ manual: StoredPresence.Manual?, published presence: String, lastOnline: MatrixTimestamp?, of user: UserID
    ) throws {
        try db.run(
            """
            INSERT INTO presence (user_id, manual_presence, manual_expires_ts, manual_soft_device, published, last_online_ts)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (user_id) DO UPDATE SET manual_presence = excluded.manual_presence,
                manual_expires_ts = excluded.manual_expires_ts, manual_soft_device = excluded.manual_soft_device,
                published = excluded.published, last_online_ts = excluded.last_online_ts
            """,
            [
                user.rawValue, manual?.presence, manual?.expires?.milliseconds, manual?.softDevice?.rawValue, presence,
                lastOnline?.milliseconds,
            ])
    }

    public func setPublished(_ presence: String, lastOnline: MatrixTimestamp?, of user: UserID) throws {
        try db.run(
            """
            INSERT INTO presence (user_id, published, last_online_ts) VALUES (?, ?, ?)
            ON CONFLICT (user_id) DO UPDATE SET published = excluded.published, last_online_ts = excluded.last_online_ts
            """, [user.rawValue, presence, lastOnline?.milliseconds])
    }

    public func delete(_ user: UserID) throws {
        try db.run("DELETE FROM presence WHERE user_id = ?", [user.rawValue])
    }

    private static func time(_ milliseconds: Int64?) -> MatrixTimestamp? {
        milliseconds.map(MatrixTimestamp.init(milliseconds:))
    }
}

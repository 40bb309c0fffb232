import Foundation
import MatrixModel

/// The schema and its history. A migration that was released is never changed; the next change is a new one.
enum Schema {
    /// A step from one version of the schema to the next.
    struct Migration: Sendable {
        let name: String
        let apply: @Sendable (Database) throws -> Void

        init(_ name: String, _ apply: @escaping @Sendable (Database) throws -> Void) {
            self.name = name
            self.apply = apply
        }
    }

    static let migrations = [
        Migration("1 first tables") { db in for sql in firstTables { try db.execute(sql: sql) } },
        Migration("2 lanes of peeks") { db in for sql in lanesOfPeeks { try db.execute(sql: sql) } },
        Migration("3 receipts", makeReceipts),
        Migration("4 relations", makeRelations),
        Migration("5 directories", makeDirectories),
        Migration("6 end-to-end encryption", makeEncryption),
        Migration("7 media", makeMedia),
        Migration("8 push", makePush),
        Migration("9 lanes out of the indexes of rooms", indexMainChains),
        Migration("10 an index of members", indexMembers),
        Migration("11 lanes out of rooms' rows and of the index of ids", leaveLanesToTheirEvents),
        Migration("12 bounded search texts", boundSearchTexts),
        Migration("13 quotas", makeQuotas),
        Migration("14 the server's own time") { db in
            try keepOwnTime(db, now: MatrixTimestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)))
        },
        Migration("15 search texts folded anew", foldSearchTexts),
        Migration("16 annotations", makeAnnotations),
        Migration("17 erasures", makeErasures),
        Migration("18 ends of ignoring", keepEndsOfIgnoring),
        Migration("19 fields that programs write into profiles", makeProgramFields),
        Migration("20 epochs", makeEpochs),
        Migration("21 choices of presence", makeChoices),
    ]

    /// Where a peek began to show the lane. Peeks from before that showed every lane.
    private static let lanesOfPeeks = [
        "ALTER TABLE peeks ADD COLUMN lane_since INTEGER",
        """
        UPDATE peeks SET lane_since = started_position
        WHERE room_id IN (SELECT room_id FROM rooms WHERE profile_owner IS NOT NULL)
        """,
    ]

    /// Portable SQL: text, integers and blobs, no feature that only one database has (WITHOUT ROWID excepted, which changes no meaning).
    private static let firstTables = [
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
        """
        CREATE TABLE users (
            user_id TEXT PRIMARY KEY, password_hash TEXT, is_admin INTEGER NOT NULL, is_deactivated INTEGER NOT NULL,
            created_ts INTEGER NOT NULL)
        """,
        """
        CREATE TABLE devices (
            user_id TEXT NOT NULL, device_id TEXT NOT NULL, display_name TEXT, created_ts INTEGER NOT NULL,
            last_contact_ts INTEGER, PRIMARY KEY (user_id, device_id))
        """,
        """
        CREATE TABLE access_tokens (
            token_hash BLOB PRIMARY KEY, user_id TEXT NOT NULL, device_id TEXT NOT NULL, created_ts INTEGER NOT NULL)
        """,
        "CREATE INDEX access_tokens_by_device ON access_tokens (user_id, device_id)",
        """
        CREATE TABLE registration_tokens (
            token TEXT PRIMARY KEY, uses_allowed INTEGER, uses_completed INTEGER NOT NULL, expires_ts INTEGER)
        """,
        """
        CREATE TABLE rooms (
            room_id TEXT PRIMARY KEY, version TEXT NOT NULL, profile_owner TEXT UNIQUE, created_ts INTEGER NOT NULL,
            main_event_id TEXT NOT NULL, main_depth INTEGER NOT NULL, lane_event_id TEXT, lane_depth INTEGER,
            main_named_by_lane TEXT, last_origin_server_ts INTEGER NOT NULL)
        """,
        """
        CREATE TABLE events (
            position INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, room_id TEXT NOT NULL, type TEXT NOT NULL,
            state_key TEXT, sender TEXT NOT NULL, origin_server_ts INTEGER NOT NULL, is_lane INTEGER NOT NULL,
            json BLOB NOT NULL, unsigned BLOB, device_id TEXT, transaction_id TEXT)
        """,
        "CREATE INDEX events_by_room ON events (room_id, position)",
        "CREATE INDEX events_by_state ON events (room_id, type, state_key, position) WHERE state_key IS NOT NULL",
        "CREATE INDEX events_by_lane ON events (origin_server_ts) WHERE is_lane = 1",
        """
        CREATE TABLE current_state (
            room_id TEXT NOT NULL, type TEXT NOT NULL, state_key TEXT NOT NULL, position INTEGER NOT NULL,
            PRIMARY KEY (room_id, type, state_key)) WITHOUT ROWID
        """,
        """
        CREATE TABLE memberships (
            user_id TEXT NOT NULL, room_id TEXT NOT NULL, membership TEXT NOT NULL, position INTEGER NOT NULL,
            is_forgotten INTEGER NOT NULL, PRIMARY KEY (user_id, room_id)) WITHOUT ROWID
        """,
        "CREATE INDEX memberships_by_room ON memberships (room_id)",
        "CREATE TABLE aliases (alias TEXT PRIMARY KEY, room_id TEXT NOT NULL, creator TEXT NOT NULL)",
        "CREATE INDEX aliases_by_room ON aliases (room_id)",
        """
        CREATE TABLE transactions (
            user_id TEXT NOT NULL, device_id TEXT NOT NULL, scope TEXT NOT NULL, transaction_id TEXT NOT NULL,
            event_id TEXT NOT NULL, created_ts INTEGER NOT NULL,
            PRIMARY KEY (user_id, device_id, scope, transaction_id)) WITHOUT ROWID
        """,
        "CREATE INDEX transactions_by_age ON transactions (created_ts)",
        """
        CREATE TABLE account_data (
            user_id TEXT NOT NULL, room_id TEXT NOT NULL, type TEXT NOT NULL, content BLOB NOT NULL, position INTEGER NOT NULL,
            PRIMARY KEY (user_id, room_id, type)) WITHOUT ROWID
        """,
        """
        CREATE TABLE filters (
            user_id TEXT NOT NULL, filter_id INTEGER NOT NULL, json BLOB NOT NULL, last_used_ts INTEGER NOT NULL,
            PRIMARY KEY (user_id, filter_id)) WITHOUT ROWID
        """,
        """
        CREATE TABLE peeks (
            started_position INTEGER PRIMARY KEY, user_id TEXT NOT NULL, device_id TEXT NOT NULL, room_id TEXT NOT NULL,
            expires_ts INTEGER NOT NULL, ended_position INTEGER, end_reason TEXT)
        """,
        "CREATE INDEX peeks_by_device ON peeks (user_id, device_id)",
        "CREATE INDEX peeks_by_room ON peeks (room_id) WHERE ended_position IS NULL",
        """
        CREATE TABLE presence (
            user_id TEXT PRIMARY KEY, manual_presence TEXT, manual_expires_ts INTEGER, manual_soft_device TEXT,
            published TEXT, last_online_ts INTEGER)
        """,
    ]
}

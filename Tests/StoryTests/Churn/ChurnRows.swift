import Foundation
import GRDB
import HearthTestKit

/// Whether the rows of a stopped server's database fit one another, and the files of its media the rows.
enum ChurnRows {
    /// Each finds rows that lack another, or contradict it.
    private static let rules: [(claim: String, sql: String)] = [
        (
            "a membership is what its event says",
            """
            SELECT m.user_id || ' in ' || m.room_id FROM memberships m LEFT JOIN events e ON e.position = m.position
            WHERE e.position IS NULL OR e.type != 'm.room.member' OR e.state_key != m.user_id OR e.room_id != m.room_id
                OR json_extract(CAST(e.json AS TEXT), '$.content.membership') != m.membership
            """
        ),
        (
            "a membership is the room's current state",
            """
            SELECT m.user_id || ' in ' || m.room_id FROM memberships m LEFT JOIN current_state s
                ON s.room_id = m.room_id AND s.type = 'm.room.member' AND s.state_key = m.user_id
            LEFT JOIN events e ON e.position = s.position
            WHERE e.position IS NULL OR json_extract(CAST(e.json AS TEXT), '$.content.membership') != m.membership
            """
        ),
        (
            "current state is an event of its room and key",
            """
            SELECT s.room_id || ' ' || s.type || ' ' || s.state_key FROM current_state s LEFT JOIN events e ON e.position = s.position
            WHERE e.position IS NULL OR e.room_id != s.room_id OR e.type != s.type OR e.state_key != s.state_key
            """
        ),
        (
            "current state is the newest event of its key",
            """
            SELECT s.room_id || ' ' || s.type || ' ' || s.state_key FROM events e JOIN current_state s
                ON s.room_id = e.room_id AND s.type = e.type AND s.state_key = e.state_key WHERE e.position > s.position
            """
        ),
        ("an event is of a room", "SELECT event_id FROM events WHERE room_id NOT IN (SELECT room_id FROM rooms)"),
        (
            "a room ends with its newest event",
            """
            SELECT r.room_id FROM rooms r JOIN events e ON e.room_id = r.room_id AND e.is_lane = 0
            GROUP BY r.room_id HAVING sum(e.event_id = r.main_event_id AND e.position = (
                SELECT max(position) FROM events n WHERE n.room_id = r.room_id AND n.is_lane = 0)) != 1
            """
        ),
        (
            "a token is of a device",
            """
            SELECT t.user_id FROM access_tokens t LEFT JOIN devices d ON d.user_id = t.user_id AND d.device_id = t.device_id
            WHERE d.user_id IS NULL
            """
        ),
        ("a device is of a user", "SELECT user_id FROM devices WHERE user_id NOT IN (SELECT user_id FROM users)"),
        (
            "the device of an account that has ended is gone",
            "SELECT d.user_id FROM devices d JOIN users u ON u.user_id = d.user_id WHERE u.is_deactivated = 1"
        ),
        (
            "a live peek is of a device",
            """
            SELECT p.user_id FROM peeks p LEFT JOIN devices d ON d.user_id = p.user_id AND d.device_id = p.device_id
            WHERE d.user_id IS NULL AND p.ended_position IS NULL
            """
        ),
        (
            "a message for a device has one",
            """
            SELECT m.user_id FROM to_device_messages m LEFT JOIN devices d ON d.user_id = m.user_id AND d.device_id = m.device_id
            WHERE d.user_id IS NULL
            """
        ),
        (
            "one-time keys are of a device",
            """
            SELECT k.user_id FROM one_time_keys k LEFT JOIN devices d ON d.user_id = k.user_id AND d.device_id = k.device_id
            WHERE d.user_id IS NULL
            """
        ),
        ("an alias is of a room", "SELECT alias FROM aliases WHERE room_id NOT IN (SELECT room_id FROM rooms)"),
        (
            "every ordinary room is in the directory",
            """
            SELECT room_id FROM rooms WHERE profile_owner IS NULL AND room_id NOT IN (SELECT room_id FROM room_directory)
            """
        ),
        (
            "a sent request's event is there",
            """
            SELECT t.transaction_id FROM transactions t LEFT JOIN events e ON e.event_id = t.event_id AND e.is_lane = 0
            WHERE e.event_id IS NULL
            """
        ),
        (
            "a backup counts its sessions",
            """
            SELECT b.user_id FROM key_backups b WHERE b.is_deleted = 0 AND b.session_count != (
                SELECT count(*) FROM key_backup_sessions s WHERE s.user_id = b.user_id AND s.version = b.version)
            """
        ),
    ]

    /// What is wrong; empty when all rows fit.
    static func faults(of hearth: HearthProcess) throws -> [String] {
        let database = try DatabaseQueue(path: hearth.dataDirectory.appending(path: "hearth.db").path)
        return try database.read { db in
            var faults: [String] = []
            for damage in try String.fetchAll(db, sql: "PRAGMA quick_check(20)") where damage != "ok" { faults.append(damage) }
            for rule in rules {
                let offenders = try String.fetchAll(db, sql: rule.sql + " LIMIT 3")
                if !offenders.isEmpty { faults.append("not so: \(rule.claim): \(offenders)") }
            }
            return try faults + fileFaults(db, in: hearth.dataDirectory.appending(path: "media"))
        }
    }

    /// Every row of a file has it, as long as it was.
    private static func fileFaults(_ db: Database, in folder: URL) throws -> [String] {
        var faults: [String] = []
        let rows = try Row.fetchCursor(db, sql: "SELECT media_id, hex(sha256) AS hash, size FROM media WHERE sha256 IS NOT NULL")
        while let row = try rows.next() {
            let hash = (row["hash"] as String).lowercased()
            let path = folder.appending(path: "\(hash.prefix(2))/\(hash.dropFirst(2).prefix(2))/\(hash)").path
            guard FileManager.default.fileExists(atPath: path) else {
                faults.append("the file of \(row["media_id"] as String) is missing: \(path)")
                continue
            }
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            if size != row["size"] as Int { faults.append("the file of \(row["media_id"] as String) is of another size") }
        }
        return faults
    }
}

import Foundation
import GRDB
import HearthTestKit
import MatrixModel
import Testing

/// A database in which everything of one user was damaged: nobody else notices, and the user can be got rid of.
@Suite("Unreadable values")
struct UnreadableValuesStory {
    /// What takes the place of JSON. `{j}` is the column.
    private static let damages: [(name: String, sql: String)] = [
        ("cut in the middle", "CAST(substr({j}, 1, length({j}) / 2) AS BLOB)"),
        ("garbage", "x'00FF7B22C0AF'"),
        ("empty", "x''"),
        ("nested 100,000 deep", "CAST('{\"content\":{\"a\":' || replace(hex(zeroblob(50000)), '0', '[') AS BLOB)"),
        ("nested 300 deep", deep(300)),
        ("a list", "CAST('[1]' AS BLOB)"),
        ("a number", "7"),
    ]

    private static func deep(_ levels: Int) -> String {
        let lists = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        return "CAST('{\"content\":{\"a\":\(lists)}}' AS BLOB)"
    }

    @Test(
        "whatever stands in the place of a user's JSON, the server starts, nobody else notices, the doctor names it, and the user can go"
    )
    func damaged() async throws {
        try await withHearth { hearth in
            let scene = try await StoredValuesScene(on: hearth)
            try await hearth.terminate()
            let database = try RawDatabase(of: hearth)
            for damage in Self.damages {
                try database.restore()
                var places: [String] = []
                try database.write { db in places = try Self.damage(db, of: scene.alice.userID, damage) }
                try await hearth.start()

                let doctor = try await hearth.run(["doctor", "--thorough", "--data", hearth.dataDirectory.path])
                for place in places { #expect(doctor.output.contains(place), "\(damage.name): \(place) in \(doctor.output)") }
                #expect(doctor.status == 1)
                #expect(try await scene.faultsForBob() == [], "\(damage.name)")
                try await scene.moderate()
                let name = scene.alice.userID
                let ended = try await hearth.run(["user", "deactivate", name, "--yes", "--data", hearth.dataDirectory.path])
                #expect(ended.status == 0, "\(damage.name): \(ended)")
                _ = try await scene.alice.get("/account/whoami", expecting: 401)
                try await hearth.restart()
                _ = try await scene.alice.get("/account/whoami", expecting: 401)
                _ = try await scene.bob.sync(setPresence: "offline")
                try await hearth.terminate()
            }
            let log = hearth.errorOutput
            #expect(log.contains("account_data.content") && log.contains("events.json"), "\(log)")
            #expect(!log.contains("for alice") && !log.contains("deep in thought"))
        }
    }

    /// What takes the place of every number and text of a user's that is no part of a key. `{c}` is the column.
    private static let classes: [(name: String, number: String, text: String)] = [
        ("bytes", "CAST({c} AS BLOB)", "CAST({c} AS BLOB)"), ("text", "'x' || {c}", "CAST({c} AS BLOB)"),
        ("beyond all numbers", "9223372036854775807", "CAST({c} AS BLOB)"),
    ]

    @Test("whatever class a user's values are of, the server starts, others use it, the doctor names them, and the user can go")
    func classes() async throws {
        try await withHearth { hearth in
            let scene = try await StoredValuesScene(on: hearth)
            try await hearth.terminate()
            let database = try RawDatabase(of: hearth)
            for kind in Self.classes {
                try database.restore()
                try database.write { db in
                    for table in try RawDatabase.userTables(in: db) {
                        for column in try db.columns(in: table) where column.primaryKeyIndex == 0 && column.type != "BLOB" {
                            let sql = column.type == "INTEGER" ? kind.number : kind.text
                            let value = sql.split(separator: "{c}", omittingEmptySubsequences: false).joined(
                                separator: "\"\(column.name)\"")
                            try db.execute(
                                sql:
                                    "UPDATE \(table) SET \"\(column.name)\" = \(value) WHERE \"\(column.name)\" IS NOT NULL AND user_id = ?",
                                arguments: [scene.alice.userID])
                        }
                    }
                }
                try await hearth.start()
                let doctor = try await hearth.run(["doctor", "--thorough", "--data", hearth.dataDirectory.path])
                #expect(doctor.status == 1 && doctor.output.contains("devices.created_ts"), "\(kind.name): \(doctor.output)")
                // The account itself counts as ended, and has no profile any more.
                let faults = try await scene.faultsForBob().filter { !($0.contains("/profile/") && $0.contains(": 404 ")) }
                #expect(faults == [], "\(kind.name)")
                let ended = try await hearth.run(
                    ["user", "deactivate", scene.alice.userID, "--yes", "--data", hearth.dataDirectory.path])
                #expect(ended.status == 0 || ended.errors.contains("has ended"), "\(kind.name): \(ended)")
                _ = try await scene.alice.get("/account/whoami", expecting: 401)
                try await hearth.restart()
                _ = try await scene.alice.get("/account/whoami", expecting: 401)
                _ = try await scene.bob.sync(setPresence: "offline")
                try await hearth.terminate()
            }
        }
    }

    @Test("a backup of a database with unreadable values is made, and says so")
    func backup() async throws {
        try await withHearth { hearth in
            let scene = try await StoredValuesScene(on: hearth)
            try await hearth.terminate()
            let database = try RawDatabase(of: hearth)
            try database.write { db in _ = try Self.damage(db, of: scene.alice.userID, Self.damages[1]) }
            let file = hearth.path("damaged.tar")
            let made = try await hearth.run(["backup", file, "--data", hearth.dataDirectory.path])
            #expect(made.status == 0 && made.errors.contains("cannot be read"), "\(made)")
            let restored = try await hearth.run(["restore", file, "--data", hearth.path("restored")])
            #expect(restored.status == 0, "\(restored)")
        }
    }

    /// Damages every JSON value of a user, and returns the columns; each has to have one.
    private static func damage(_ db: Database, of user: String, _ damage: (name: String, sql: String)) throws -> [String] {
        let columns = try RawDatabase.columns(in: db)
        for (table, column) in columns {
            let sql = damage.sql.split(separator: "{j}", omittingEmptySubsequences: false).joined(separator: "\"\(column)\"")
            try db.execute(
                sql:
                    "UPDATE \(table) SET \"\(column)\" = \(sql) WHERE \"\(column)\" IS NOT NULL AND \(RawDatabase.owned(table, in: db))",
                arguments: ["user": user])
            #expect(db.changesCount > 0, "the scene has nothing in \(table).\(column): fill it, so that it is damaged too")
        }
        return columns.map { "\($0.table).\($0.column)" }
    }
}

import MatrixModel
import Testing

@testable import HearthStore

@Suite("A database from before choices knew whose they are")
struct ChoicesMigrationTests {
    @Test("a firm choice becomes the user's with its expiry, a soft one its device's away, and what was published stays")
    func takesOver() throws {
        let database = try SQLiteFile()
        try database.migrate(upTo: "14 the server's own time")
        try database.write { db in
            for row in [
                "('@a:x', 'offline', NULL, NULL, 'offline', 7)", "('@b:x', 'busy', 99, NULL, 'busy', NULL)",
                "('@c:x', 'unavailable', NULL, 'PHONE', 'unavailable', 8)", "('@d:x', NULL, NULL, NULL, 'online', 9)",
            ] { try db.execute(sql: "INSERT INTO presence VALUES \(row)") }
        }
        try database.migrate()
        try database.read { db in
            let store = StoreTransaction(db: db)
            let choices = try store.presenceChoices.all().sorted { $0.user.rawValue < $1.user.rawValue }
            #expect(choices.map(\.user.rawValue) == ["@a:x", "@b:x", "@c:x"])
            #expect(choices.map(\.choice.kind) == [.user, .user, .away])
            #expect(choices.map(\.choice.presence) == ["offline", "busy", "unavailable"])
            #expect(choices.map(\.choice.expires) == [nil, MatrixTimestamp(milliseconds: 99), nil])
            #expect(choices.map(\.choice.device) == [nil, nil, DeviceID("PHONE")])
            #expect(choices.allSatisfy { !$0.choice.isInBackground && !$0.choice.endsWithSync })
            var presence: [StoredPresence] = []
            try store.restoration.eachPresence { presence.append($0) }
            presence.sort { $0.user.rawValue < $1.user.rawValue }
            #expect(presence.map(\.published) == ["offline", "busy", "unavailable", "online"])
            #expect(presence.map(\.lastOnline?.milliseconds) == [7, nil, 8, 9])
        }
    }
}

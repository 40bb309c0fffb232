import Foundation
import GRDB
import HearthTestKit
import MatrixModel
import Testing

/// Lists of ignored users of every shape and size.
@Suite("Lists of ignored users")
struct IgnoringListStory {
    private func hears(_ scene: IgnoringScene, of text: String) async throws -> Bool {
        let since = try await scene.fresh(scene.alice).nextBatch
        try await scene.bob.sendText(text, to: scene.room)
        return try await scene.told(scene.next(scene.alice, since: since)) == [text]
    }

    @Test("a value of the wrong shape is stored and ignores nobody, entry by entry, after a start too; oneself is never ignored")
    func shapes() async throws {
        try await withHearth { hearth in
            let scene = try await IgnoringScene(hearth)
            let bob = scene.bob.userID
            let harmless: [JSON] = [
                [:], ["ignored_users": [.string(bob)]], ["ignored_users": .string(bob)], ["ignored_users": .null],
                .pairs((bob, [:])),
                .pairs(("ignored_users", .pairs((bob, true)))), .pairs(("ignored_users", .pairs((bob, [])))),
            ]
            for (number, content) in harmless.enumerated() {
                try await scene.ignore(scene.bob)
                try await scene.alice.setAccountData(IgnoringScene.type, content)
                #expect(try await hears(scene, of: "\(number)"), "\(content.text)")
                let stored = try await scene.alice.get("/user/\(scene.alice.userID)/account_data/\(IgnoringScene.type)").json
                #expect(stored == content)
            }
            let partly: JSON = .pairs(
                ("ignored_users", .pairs((bob, [:]), ("nobody", [:]), (scene.carol.userID, 1), (scene.alice.userID, [:]))))
            try await scene.alice.setAccountData(IgnoringScene.type, partly)
            for restarted in [false, true] {
                if restarted { try await hearth.restart() }
                #expect(try await !hears(scene, of: "no, \(restarted)"))
                let start = try await scene.fresh(scene.laptop)
                try await scene.carol.sendText("carol", to: scene.room)
                try await scene.alice.sendText("alice", to: scene.room)
                #expect(try await scene.told(scene.next(scene.laptop, since: start.nextBatch)) == ["carol", "alice"])
            }
        }
    }

    @Test("a list that is too long is refused and changes nothing; one of a thousand users holds")
    func long() async throws {
        try await withHearth { hearth in
            let scene = try await IgnoringScene(hearth)
            func list(_ count: Int) -> JSON {
                var entries = JSONObject((1..<count).map { ("@u\($0):localhost", JSON.object([:])) })
                entries[scene.bob.userID] = [:]
                return .pairs(("ignored_users", .object(entries)))
            }
            let path: MatrixPath = "/user/\(scene.alice.userID)/account_data/\(IgnoringScene.type)"
            try await scene.alice.put(path, list(1_000))
            #expect(try await !hears(scene, of: "one"))
            for count in [1_001, 2_500, 100_000] {
                let refusal = try await scene.alice.put(path, list(count), expecting: 413)
                #expect(refusal.errorCode == "M_TOO_LARGE")
            }
            #expect(try await scene.alice.get(path).json == list(1_000))
            #expect(try await !hears(scene, of: "two"))
            try await hearth.restart()
            #expect(try await !hears(scene, of: "three"))
            try await scene.ignore()
            #expect(try await hears(scene, of: "four"))
        }
    }

    @Test("whoever deactivates the account ignores nobody any more, and no row of it is left for the next start")
    func deactivation() async throws {
        try await withHearth { hearth in
            let scene = try await IgnoringScene(hearth)
            try await scene.ignore(scene.bob, scene.carol)
            try await scene.ignore(scene.carol)
            let session = try await scene.alice.post("/account/deactivate", [:], expecting: 401).string("session")
            let auth: JSON = .pairs(
                ("type", "m.login.password"), ("identifier", ["type": "m.id.user", "user": "alice"]),
                ("password", "correct horse battery staple"), ("session", .string(session)))
            try await scene.alice.post("/account/deactivate", .pairs(("auth", auth)))
            try await hearth.terminate()
            let database = try DatabaseQueue(path: hearth.dataDirectory.appending(path: "hearth.db").path)
            let rows = try await database.read { db in
                try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM ends_of_ignoring")
            }
            #expect(rows == 0)
            try database.close()
            try await hearth.start()
            try await scene.bob.sendText("still here", to: scene.room)
            #expect(try await scene.told(scene.fresh(scene.carol)) == ["still here"])
        }
    }
}

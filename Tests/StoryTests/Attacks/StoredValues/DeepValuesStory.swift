import Foundation
import GRDB
import HearthTestKit
import MatrixModel
import Testing

/// Whatever a client may send can be read back by everything that reads it.
@Suite("Deep and large values")
struct DeepValuesStory {
    private static let sizes = [1_040_000, 250_000, 65_000, 64_500, 60_000, 30_000, 8_000, 4_000, 1_000]

    @Test(
        "the deepest and the largest body of every endpoint that stores one is used again after a restart, and everybody can go")
    func deepest() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let levels: JSON = ["users": .pairs((bob.userID, 100), (alice.userID, 50))]
            let room = try await bob.createRoom(["preset": "public_chat", "power_level_content_override": levels])
            try await alice.join(room)
            let profile = try await bob.peekProfile(of: alice.userID)
            let version: JSON = ["algorithm": "m.test", "auth_data": [:]]
            try await alice.post("/room_keys/version", version)
            let deepest = JSONParseOptions.requestDepth

            func requests(_ number: Int) async throws -> [StoringRequest] {
                let event = try await alice.sendText("first", to: room)
                return StoringRequest.all(
                    by: alice, to: bob, in: room, profile: profile, event: event, number: number)
            }
            func readBack(_ requests: [StoringRequest]) async throws {
                for request in requests where request.isReadBack { _ = try await alice.get(request.path) }
            }
            let deep = try await requests(1)
            for request in deep {
                let refused = try await request.send(request.body(nesting: deepest + 1), by: alice)
                #expect(refused.status == 400 && refused.errorCode == "M_BAD_JSON", "\(request.path): \(refused.json.text)")
                let taken = try await request.send(request.body(nesting: deepest), by: alice)
                #expect(taken.status == 200, "\(request.path): \(taken.json.text)")
            }
            try await hearth.restart()
            try await readBack(deep)
            _ = try await alice.sync(fullState: true)
            _ = try await bob.sync(fullState: true)

            let large = try await requests(2)
            for request in large {
                var isTaken = false
                for size in Self.sizes where !isTaken {
                    let answer = try await request.send(request.body(.string(String(repeating: "x", count: size))), by: alice)
                    isTaken = answer.status == 200
                    #expect(isTaken || (400..<500).contains(answer.status), "\(request.path): \(answer.status)")
                }
                #expect(isTaken, "\(request.path) takes not even \(Self.sizes.last ?? 0) bytes")
            }
            try await hearth.restart()
            try await readBack(large)
            for request in try await requests(3) {
                let again = try await request.send(request.body(nesting: deepest), by: alice)
                #expect(again.status == 200, "\(request.path): \(again.json.text)")
            }
            _ = try await alice.sync(fullState: true)
            _ = try await bob.sync(fullState: true)
            _ = try await bob.get("/profile/\(alice.userID)")
            try await bob.post("/keys/query", ["device_keys": .pairs((alice.userID, []))])
            #expect(try await bob.claimKey(of: alice) != nil)

            let doctor = try await hearth.run(["doctor", "--thorough", "--data", hearth.dataDirectory.path])
            #expect(doctor.output.contains("every one can be read"), "\(doctor.output)")
            try await Self.putOut(alice, by: bob, of: room, on: hearth)
        }
    }

    @Test("what an older version took, up to a hundred levels, is read at a start, served, redacted and deleted")
    func older() async throws {
        try await withHearth { hearth in
            let scene = try await StoredValuesScene(on: hearth)
            let (alice, bob) = (scene.alice, scene.bob)
            try await hearth.terminate()
            let database = try RawDatabase(of: hearth)
            try database.write { db in
                let deep = String(decoding: StoringRequest.nested(95).bytes, as: UTF8.self)
                let owner: StatementArguments = ["user": alice.userID]
                try db.execute(
                    sql: """
                        UPDATE events SET json = CAST(replace(CAST(json AS TEXT), '"content":{', '"content":{"a":\(deep),') AS BLOB),
                        unsigned = CASE WHEN unsigned IS NULL THEN NULL
                            ELSE CAST(replace(CAST(unsigned AS TEXT), '"prev_content":{', '"prev_content":{"a":\(deep),') AS BLOB) END
                        WHERE \(RawDatabase.owned("events", in: db)) AND CAST(json AS TEXT) NOT LIKE '%"content":{}%'
                        """, arguments: owner)
                #expect(db.changesCount > 10)
                let rules =
                    #"{"global":{"override":[{"rule_id":"deep","default":false,"enabled":true,"actions":[],"#
                    + #""conditions":[{"kind":"x","x":\#(deep)}]}]}}"#
                for (table, column) in try RawDatabase.columns(in: db) where !["events", "push_notices"].contains(table) {
                    let json = table == "account_data" ? rules : #"{"key":"k","x":\#(deep)}"#
                    try db.execute(
                        sql:
                            "UPDATE \(table) SET \"\(column)\" = CAST('\(json)' AS BLOB) WHERE \(RawDatabase.owned(table, in: db))",
                        arguments: owner)
                    #expect(db.changesCount > 0, "\(table)")
                }
            }
            try await hearth.start()
            #expect(try await scene.faultsForBob() == [])
            let doctor = try await hearth.run(["doctor", "--thorough", "--data", hearth.dataDirectory.path])
            #expect(doctor.output.contains("every one can be read"), "\(doctor.output)")
            #expect(try await alice.get("/pushrules/global/override/deep")["rule_id"] == "deep")
            try await alice.delete("/pushrules/global/override/deep")
            let status = try await alice.state("m.status", of: scene.aliceProfile)
            #expect(status["text"] == "deep in thought" && status["a"] != nil)
            try await alice.putPresence("online", statusMessage: "tea")
            _ = try await alice.sync(fullState: true)
            try await scene.moderate()
            try await Self.putOut(alice, by: bob, of: scene.aliceRoom, on: hearth, banning: false)
        }
    }

    /// Bans a user, ends the account from the command line, and starts again without it.
    private static func putOut(
        _ user: MatrixClient, by other: MatrixClient, of room: String, on hearth: HearthProcess, banning: Bool = true
    ) async throws {
        if banning { try await other.post("/rooms/\(room)/ban", ["user_id": .string(user.userID)]) }
        let ended = try await hearth.run(["user", "deactivate", user.userID, "--yes", "--data", hearth.dataDirectory.path])
        #expect(ended.status == 0, "\(ended)")
        _ = try await user.get("/account/whoami", expecting: 401)
        try await hearth.restart()
        _ = try await other.sync(setPresence: "offline")
    }
}

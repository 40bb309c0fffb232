import HearthTestKit
import MatrixModel
import Testing

/// Key backups over real HTTP.
@Suite("Key backup")
struct KeyBackupStory {
    private static let algorithm = "m.megolm_backup.v1.curve25519-aes-sha2"

    private static func session(_ name: String, first: Int64 = 0, forwarded: Int64 = 0, verified: Bool = true) -> JSON {
        [
            "first_message_index": .integer(first), "forwarded_count": .integer(forwarded), "is_verified": .bool(verified),
            "session_data": ["ciphertext": .string(name)],
        ]
    }

    private static func create(_ client: MatrixClient, key: String = "pub") async throws -> String {
        try await client.post(
            "/room_keys/version",
            ["algorithm": .string(algorithm), "auth_data": ["public_key": .string(key), "scale": .double(0.5)]]
        ).string("version")
    }

    private static func put(
        _ path: MatrixPath, _ body: JSON, version: String, by client: MatrixClient, expecting status: Int = 200
    ) async throws -> MatrixResponse {
        let response = try await client.request("PUT", path, query: ["version": version], body: body)
        #expect(response.status == status, "\(path): \(response.json.text)")
        return response
    }

    @Test("versions: none, one, changed, a newer one, and the older one again when that is deleted; no number comes twice")
    func versions() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let none = try await alice.get("/room_keys/version", expecting: 404)
            #expect(none.errorCode == "M_NOT_FOUND" && none["error"] == "No current backup version")
            let first = try await Self.create(alice)
            let info = try await alice.get("/room_keys/version")
            #expect(
                info.json == [
                    "algorithm": .string(Self.algorithm), "auth_data": ["public_key": "pub", "scale": .double(0.5)], "count": 0,
                    "etag": "0", "version": .string(first),
                ])
            #expect(try await bob.get("/room_keys/version/\(first)", expecting: 404)["error"] == "Unknown backup version")
            try await alice.put(
                "/room_keys/version/\(first)", ["algorithm": .string(Self.algorithm), "auth_data": ["public_key": "new"]])
            #expect(try await alice.get("/room_keys/version/\(first)")["auth_data", "public_key"] == "new")
            let wrong = try await alice.put(
                "/room_keys/version/\(first)", ["algorithm": "m.other", "auth_data": [:]], expecting: 400)
            #expect(wrong.errorCode == "M_INVALID_PARAM")
            let mismatch: JSON = ["algorithm": .string(Self.algorithm), "auth_data": [:], "version": "99"]
            #expect(
                try await alice.put("/room_keys/version/\(first)", mismatch, expecting: 400).errorCode == "M_INVALID_PARAM")

            let second = try await Self.create(alice)
            #expect(second != first)
            #expect(try await alice.get("/room_keys/version")["version"] == .string(second))
            try await alice.delete("/room_keys/version/\(second)")
            #expect(try await alice.get("/room_keys/version/\(second)", expecting: 404).errorCode == "M_NOT_FOUND")
            #expect(try await alice.get("/room_keys/version")["version"] == .string(first))
            try await hearth.restart()
            let third = try await Self.create(alice)
            #expect(![first, second].contains(third))
        }
    }

    @Test("only the current version takes keys; what is asked for comes by backup, room and session")
    func keys() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let none = try await Self.put(
                "/room_keys/keys/!a:localhost/s1", Self.session("x"), version: "1", by: alice, expecting: 404)
            #expect(none.errorCode == "M_NOT_FOUND")
            let old = try await Self.create(alice)
            let version = try await Self.create(alice)
            let wrong = try await Self.put(
                "/room_keys/keys/!a:localhost/s1", Self.session("x"), version: old, by: alice, expecting: 403)
            #expect(wrong.errorCode == "M_WRONG_ROOM_KEYS_VERSION" && wrong["current_version"] == .string(version))

            let one = try await Self.put(
                "/room_keys/keys/!a:localhost/\("s/1+")", Self.session("one"), version: version, by: alice)
            #expect(one["count"] == 1)
            let room = try await Self.put(
                "/room_keys/keys/!a:localhost", ["sessions": ["s2": Self.session("two")]], version: version, by: alice)
            #expect(room["count"] == 2 && room["etag"] != one["etag"])
            let all = try await Self.put(
                "/room_keys/keys", ["rooms": ["!b:localhost": ["sessions": ["s1": Self.session("three")]]]], version: version,
                by: alice)
            #expect(all["count"] == 3)
            try await hearth.restart()
            #expect(try await alice.get("/room_keys/version")["count"] == 3)
            let query = ["version": version]
            let session = try await alice.get("/room_keys/keys/!a:localhost/\("s/1+")", query: query)
            #expect(session.json == Self.session("one"))
            let ofRoom = try await alice.get("/room_keys/keys/!a:localhost", query: query)
            #expect(ofRoom.json == ["sessions": ["s/1+": Self.session("one"), "s2": Self.session("two")]])
            let whole = try await alice.get("/room_keys/keys", query: query)
            #expect(
                whole.json == [
                    "rooms": ["!a:localhost": ofRoom.json, "!b:localhost": ["sessions": ["s1": Self.session("three")]]]
                ])
            #expect(try await alice.get("/room_keys/keys/!c:localhost", query: query).json == ["sessions": [:]])
            let missing = try await alice.get("/room_keys/keys/!a:localhost/none", query: query, expecting: 404)
            #expect(missing.errorCode == "M_NOT_FOUND")

            for (path, count) in [
                ("/room_keys/keys/!a:localhost/s2", 2), ("/room_keys/keys/!a:localhost", 1), ("/room_keys/keys", 0),
            ] as [(MatrixPath, Int64)] {
                let answer = try await alice.request("DELETE", path, query: query)
                #expect(answer.status == 200 && answer["count"] == .integer(count), "\(path)")
            }
            #expect(try await alice.get("/room_keys/keys", query: query).json == ["rooms": [:]])
        }
    }

    @Test("a better key replaces the one that is there, a worse one leaves it and the etag alone")
    func better() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let version = try await Self.create(alice)
            let path: MatrixPath = "/room_keys/keys/!a:localhost/s"
            let steps: [(JSON, Bool)] = [
                (Self.session("1", first: 5, forwarded: 5, verified: false), true),
                (Self.session("2", first: 5, forwarded: 5, verified: false), false),
                (Self.session("3", first: 5, forwarded: 4, verified: false), true),
                (Self.session("4", first: 4, forwarded: 9, verified: false), true),
                (Self.session("5", first: 9, forwarded: 9, verified: true), true),
                (Self.session("6", first: 0, forwarded: 0, verified: false), false),
            ]
            var (stored, etag) = (JSON.null, JSON.null)
            for (session, isTaken) in steps {
                let answer = try await Self.put(path, session, version: version, by: alice)
                #expect(answer["count"] == 1)
                #expect((answer["etag"] != etag) == isTaken, "\(session.text)")
                etag = answer["etag"] ?? .null
                if isTaken { stored = session }
                #expect(try await alice.get(path, query: ["version": version]).json == stored)
            }
        }
    }
}

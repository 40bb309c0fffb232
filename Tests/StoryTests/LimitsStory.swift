import HearthTestKit
import MatrixModel
import Testing

/// Bulk peeks, rate limits, the pace of presence and the end of legacy presence, over real HTTP.
@Suite("Limits")
struct LimitsStory {
    private static let bulk: MatrixPath = "/_matrix/client/unstable/io.hearth/peek_profiles"

    @Test("many profile rooms are peeked into by one request, with an error for each user who cannot be")
    func bulkPeek() async throws {
        try await withHearth(settings: ["presence.audience": "everyone", "peek.max_per_device": "2"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let carol = try await hearth.client.register("carol")
            try await bob.putPresence("busy")
            let start = try await alice.sync(setPresence: "offline")
            let users: JSON = [.string(bob.userID), "@ghost:localhost", "oops", .string(alice.userID), .string(carol.userID)]
            let answer = try await alice.post(Self.bulk, ["user_ids": users])
            #expect(answer["peeks"]?.objectValue?.count == 2)
            let room = try #require(answer["peeks", bob.userID, "room_id"]?.stringValue)
            #expect(answer["peeks", bob.userID, "peek_expiry_ts"]?.integerValue != nil)
            #expect(answer["peeks", alice.userID] != nil, "one's own profile room is none that needs no peek")
            #expect(answer["errors", "@ghost:localhost", "errcode"] == "M_NOT_FOUND")
            #expect(answer["errors", "@ghost:localhost", "error"] == "There is no such user.")
            #expect(answer["errors", "oops", "errcode"] == "M_INVALID_PARAM")
            #expect(answer["errors", carol.userID, "errcode"] == "M_LIMIT_EXCEEDED")
            #expect(answer["errors", carol.userID, "error"]?.stringValue != nil)
            let sync = try await alice.sync(since: start.nextBatch, setPresence: "offline")
            #expect(sync.peeked(room).ofType("m.presence").last?["content", "presence"] == "busy")

            let tooMany = JSON.array((0...500).map { .string("@u\($0):localhost") })
            #expect(try await alice.post(Self.bulk, ["user_ids": tooMany], expecting: 400).errorCode == "M_INVALID_PARAM")
            #expect(try await alice.post(Self.bulk, [:], expecting: 400).errorCode == "M_MISSING_PARAM")
            #expect(try await alice.post(Self.bulk, ["user_ids": "x"], expecting: 400).errorCode == "M_BAD_JSON")
            #expect(try await alice.post(Self.bulk, ["user_ids": [1]], expecting: 400).errorCode == "M_BAD_JSON")
            #expect(try await alice.post(Self.bulk, ["user_ids": []]).json == ["peeks": [:], "errors": [:]])
        }
    }

    @Test("loops are told to wait, a sync never is, and its claim counts all the same")
    func rateLimits() async throws {
        try await withHearth(settings: ["rate_limits.enabled": "true"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let room = try await alice.peekProfile(of: alice.userID)
            try await alice.post("/room_keys/version", ["algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": [:]])
            let requests: [(String, MatrixPath, JSON)] = [
                ("PUT", "/presence/\(alice.userID)/status", ["presence": "unavailable"]),
                ("PUT", "/rooms/\(room)/state/m.status/", ["text": "x"]),
                ("PUT", "/profile/\(alice.userID)/m.status", ["m.status": ["text": "y"]]),
                ("POST", "/peek/\("#\(alice.userID)")", [:]), ("POST", Self.bulk, ["user_ids": []]),
                ("POST", "/keys/query", ["device_keys": [:]]), ("PUT", "/sendToDevice/m.dummy/1", ["messages": [:]]),
                ("PUT", "/room_keys/keys?version=1", ["rooms": [:]]), ("GET", "/notifications", [:]),
            ]
            for (method, path, body) in requests {
                var refusal: MatrixResponse?
                for _ in 0..<1_500 where refusal == nil {
                    let response = try await alice.request(method, path, body: body)
                    if response.status == 200 { continue }
                    refusal = response
                }
                #expect(refusal?.status == 429, "\(path)")
                #expect(refusal?.errorCode == "M_LIMIT_EXCEEDED", "\(path)")
                #expect(refusal?["retry_after_ms"]?.integerValue ?? 0 > 0, "\(path)")
                #expect(refusal?.header("Retry-After") != nil, "\(path)")
            }
            for _ in 0..<300 { _ = try await alice.sync(setPresence: "unavailable") }
            _ = try await alice.sync(setPresence: "busy")
            #expect(try await alice.ownPresence()["io.hearth.sources"]?.arrayValue?.first?["presence"] == "busy")
        }
    }

    @Test("who has no token is counted by address, and takes nothing from those who have one")
    func addresses() async throws {
        try await withHearth(settings: ["rate_limits.enabled": "true"]) { hearth in
            let alice = try await hearth.client.register("alice")
            var answers: [MatrixResponse] = []
            for _ in 0..<500 where answers.last?.status != 429 {
                answers.append(try await hearth.client.request("GET", "/publicRooms"))
            }
            #expect(answers.last?.errorCode == "M_LIMIT_EXCEEDED")
            #expect(answers.count > 50)
            #expect(try await alice.request("GET", "/publicRooms").status == 200)
        }
    }

    @Test("a message is never delayed by presence that waits for its turn, and brings it along")
    func messagesGoFirst() async throws {
        try await withHearth(settings: ["sync.presence_wake_interval": "1h"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat", "name": "den"])
            try await bob.join(room)
            let profile = try await bob.peekProfile(of: alice.userID)
            let start = try await bob.sync(setPresence: "offline")
            // The first is told at once; from here on presence alone would wait for an hour.
            async let first = bob.sync(since: start.nextBatch, timeout: 10_000, setPresence: "offline")
            try await alice.putPresence("busy")
            var since = try await first
            #expect(since.peeked(profile).ofType("m.presence").last?["content", "presence"] == "busy")
            for (number, presence) in ["offline", "busy", "offline"].enumerated() {
                try await alice.putPresence(presence)
                let token = since.nextBatch
                async let held = bob.sync(since: token, timeout: 60_000, setPresence: "offline")
                let begin = ContinuousClock.now
                try await alice.sendText("message \(number)", to: room)
                since = try await held
                #expect(ContinuousClock.now - begin < .seconds(10))
                #expect(
                    since.timeline(of: room).ofType("m.room.message").last?["content", "body"]?.stringValue == "message \(number)"
                )
                let told = since.peeked(profile).ofType("m.presence").last?["content", "presence"]
                #expect(told?.stringValue == presence)
            }
            try await alice.putPresence("busy")
            let end = try await bob.sync(since: since.nextBatch, timeout: 300, setPresence: "offline")
            #expect(end.peeked(profile).ofType("m.presence").last?["content", "presence"] == "busy", "the time is over")
        }
    }

    @Test("before the sunset the old way says when it ends")
    func beforeTheSunset() async throws {
        try await withHearth(settings: ["legacy.sunset": "2999-12-31"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let plain = try await alice.putPresence("busy")
            #expect(plain.header("Deprecation") == nil, "setting presence by hand is not the old way")
            let put = try await alice.putPresence("busy", statusMessage: "call")
            let sync = try await alice.get("/sync", query: ["set_presence": "offline"])
            #expect(sync.json.events(at: "presence").count == 1)
            for answer in [put, sync, try await alice.legacyPresence(of: alice.userID)] {
                #expect(answer.header("Deprecation")?.hasPrefix("@") == true)
                #expect(answer.header("Sunset") == "Tue, 31 Dec 2999 00:00:00 GMT")
                #expect(answer.header("Link") != nil)
            }
        }
    }

    @Test("after the sunset, or with it off, nothing of the old way is served", arguments: ["legacy.sunset", "legacy.enabled"])
    func afterTheSunset(setting: String) async throws {
        try await withHearth(settings: [setting: setting == "legacy.sunset" ? "2001-01-01" : "false"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let put = try await alice.putPresence("busy", statusMessage: "unheard")
            #expect(put.header("Deprecation") == nil)
            #expect(try await alice.legacyPresence(of: alice.userID, expecting: 405).errorCode == "M_UNRECOGNIZED")
            let sync = try await alice.get("/sync", query: ["set_presence": "offline"])
            #expect(sync["presence"] == nil)
            #expect(sync.header("Deprecation") == nil)
            #expect(try await alice.ownPresence()["presence"] == "busy")
            #expect(try await alice.get("/profile/\(alice.userID)/m.status", expecting: 404).errorCode == "M_NOT_FOUND")
        }
    }
}

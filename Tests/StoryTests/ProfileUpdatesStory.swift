import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// Live status as Element Web knows it (MSC4429, MSC4426), over real HTTP.
@Suite("Profiles in /sync")
struct ProfileUpdatesStory {
    private static let users = "org.matrix.msc4429.users"
    private static let status = "org.matrix.msc4426.status"
    private static let call = "org.matrix.msc4426.call"
    /// The filter that Element Web sends.
    private static let filter: JSON = ["org.matrix.msc4429.profile_fields": ["ids": [.string(status), .string(call)]]]

    /// A client that keeps profiles as matrix-js-sdk does.
    private struct Element {
        let client: MatrixClient
        private(set) var since: String?
        private(set) var profiles: [String: JSONObject] = [:]

        init(_ client: MatrixClient) { self.client = client }

        @discardableResult
        mutating func sync(timeout: Int = 0) async throws -> SyncResponse {
            let response = try await client.sync(since: since, timeout: timeout, setPresence: "offline", filter: filter)
            since = response.nextBatch
            for member in response.json[users]?.objectValue?.members ?? [] {
                guard let updates = member.value["profile_updates"]?.objectValue else {
                    #expect(member.value["profile_updates"]?.isNull == true)
                    profiles[member.key] = nil
                    continue
                }
                profiles[member.key] = (profiles[member.key] ?? [:]).merging(updates)
            }
            return response
        }

        mutating func syncUntil(_ condition: (Self) -> Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(20)
            while !condition(self) {
                guard ContinuousClock.now < deadline else { throw TimedOut(known: "\(profiles)") }
                try await sync(timeout: 2_000)
            }
        }
    }

    private struct TimedOut: Error, CustomStringConvertible {
        let known: String
        var description: String { "not within 20 s; known is \(known)" }
    }

    /// Alice and bob in a room; carol is nowhere.
    private static func people(_ hearth: HearthProcess) async throws -> (
        alice: MatrixClient, bob: MatrixClient, carol: MatrixClient, room: String
    ) {
        let alice = try await hearth.client.register("alice")
        let bob = try await hearth.client.register("bob")
        let carol = try await hearth.client.register("carol")
        let room = try await alice.createRoom(["preset": "private_chat", "invite": [.string(bob.userID)]])
        try await bob.join(room)
        return (alice, bob, carol, room)
    }

    @Test("a status shows in the next answer to whoever shares a room and asks, with both fields filled, and ends with null")
    func status() async throws {
        try await withHearth { hearth in
            let (alice, bob, carol, _) = try await Self.people(hearth)
            #expect(try await alice.get("/_matrix/client/versions")["unstable_features", "org.matrix.msc4429"] == true)
            var (own, theirs, stranger) = (Element(alice), Element(bob), Element(carol))
            try await own.sync()
            try await theirs.sync()
            try await stranger.sync()
            #expect(theirs.profiles.isEmpty)
            let held = Task { [theirs] in
                var client = theirs
                try await client.sync(timeout: 20_000)
                return client
            }
            try await alice.put("/profile/\(alice.userID)/org.matrix.msc4426.status", [Self.status: ["text": "AFK"]])
            theirs = try await held.value
            #expect(theirs.profiles[alice.userID] == [Self.status: ["text": "AFK", "emoji": "💬"]])
            #expect(try await bob.get("/profile/\(alice.userID)/m.status").json == ["m.status": ["text": "AFK", "emoji": "💬"]])
            try await own.sync()
            #expect(own.profiles[alice.userID] == [Self.status: ["text": "AFK", "emoji": "💬"]], "one's own comes too")
            try await stranger.sync()
            #expect(stranger.profiles.isEmpty)
            let plain = try await bob.sync(setPresence: "offline")
            #expect(plain.json[Self.users] == nil, "nobody who does not ask is told")

            try await alice.put("/profile/\(alice.userID)/m.status", ["m.status": ["emoji": "🏃", "text": ""]])
            try await theirs.syncUntil { $0.profiles[alice.userID]?[Self.status] == ["text": "🏃", "emoji": "🏃"] }
            #expect(try await bob.legacyPresence(of: alice.userID)["status_msg"] == "🏃")
            try await alice.delete("/profile/\(alice.userID)/m.status")
            try await theirs.syncUntil { $0.profiles[alice.userID]?[Self.status]?.isNull == true }
            _ = try await bob.get("/profile/\(alice.userID)/m.status", expecting: 404)
        }
    }

    @Test("fields come once when two people begin to share a room, and are forgotten when the last one is gone")
    func rooms() async throws {
        try await withHearth { hearth in
            let (alice, _, carol, room) = try await Self.people(hearth)
            try await alice.put("/profile/\(alice.userID)/m.status", ["m.status": ["text": "AFK", "emoji": "🏃"]])
            try await carol.put("/profile/\(carol.userID)/m.status", ["m.status": ["text": "new here", "emoji": "👋"]])
            var (member, newcomer) = (Element(alice), Element(carol))
            try await member.sync()
            try await newcomer.sync()
            #expect(member.profiles[carol.userID] == nil && newcomer.profiles[alice.userID] == nil)
            try await alice.invite(carol.userID, to: room)
            try await carol.join(room)
            try await member.sync()
            try await newcomer.sync()
            #expect(member.profiles[carol.userID]?[Self.status]?["text"] == "new here")
            #expect(newcomer.profiles[alice.userID]?[Self.status]?["text"] == "AFK")
            try await alice.sendText("hi", to: room)
            #expect(try await newcomer.sync().json[Self.users] == nil, "once")
            try await carol.leave(room)
            let left = try await member.sync()
            #expect(left.json[Self.users, carol.userID] == ["profile_updates": .null])
            let leaver = try await newcomer.sync()
            #expect(leaver.json[Self.users, alice.userID] == ["profile_updates": .null])
            #expect(newcomer.profiles[carol.userID]?[Self.status]?["text"] == "new here", "one's own stays")
        }
    }

    @Test(
        "who is denied gets null and no profile endpoint shows the fields, not even without a token; who is let in again gets them back"
    )
    func audience() async throws {
        try await withHearth { hearth in
            let (alice, bob, _, _) = try await Self.people(hearth)
            try await alice.put("/profile/\(alice.userID)/m.status", ["m.status": ["text": "AFK", "emoji": "🏃"]])
            try await alice.put("/profile/\(alice.userID)/m.call", ["m.call": ["call_joined_ts": 1_770_140_640]])
            let rpc: JSON = ["type": "listening"]
            try await alice.put("/profile/\(alice.userID)/com.ip-logger.msc4320.rpc", ["com.ip-logger.msc4320.rpc": rpc])
            var client = Element(bob)
            try await client.sync()
            #expect(client.profiles[alice.userID]?[Self.call] == ["call_joined_ts": 1_770_140_640])
            let names = [
                "m.status", "org.matrix.msc4426.status", "m.call", "org.matrix.msc4426.call", "m.rpc",
                "com.ip-logger.msc4320.rpc",
            ]
            for name in names {
                _ = try await bob.get("/profile/\(alice.userID)/\(name)")
                _ = try await hearth.client.get("/profile/\(alice.userID)/\(name)", expecting: 404)
            }
            #expect(try await hearth.client.get("/profile/\(alice.userID)").json == [:])
            let profile = try await bob.peekProfile(of: alice.userID)
            #expect(!(try await bob.get("/rooms/\(profile)/state").json.text.contains("call_joined_ts")))

            try await alice.setAccountData("m.presence.sharing", ["users": .object([bob.userID: "deny"])])
            let denied = try await client.sync()
            #expect(
                denied.json[Self.users, alice.userID] == ["profile_updates": .pairs((Self.status, .null), (Self.call, .null))])
            for name in names { _ = try await bob.get("/profile/\(alice.userID)/\(name)", expecting: 404) }
            #expect(try await bob.get("/profile/\(alice.userID)").json == [:])
            try await alice.setAccountData("m.presence.sharing", [:])
            try await client.sync()
            #expect(client.profiles[alice.userID]?[Self.status]?["text"] == "AFK")
            #expect(client.profiles[alice.userID]?[Self.call]?["call_joined_ts"] == 1_770_140_640)
        }
    }

    @Test("a client that was away over a restart gets what changed, what was taken from it, and who is gone")
    func restart() async throws {
        try await withHearth { hearth in
            let (alice, bob, carol, room) = try await Self.people(hearth)
            try await alice.invite(carol.userID, to: room)
            try await carol.join(room)
            for user in [alice, carol] {
                try await user.put("/profile/\(user.userID)/m.status", ["m.status": ["text": "here", "emoji": "🏠"]])
            }
            var client = Element(bob)
            try await client.sync()
            #expect(client.profiles.count == 2)
            try await alice.setAccountData("m.presence.sharing", ["io.hearth.default": "nobody"])
            try await carol.leave(room)
            hearth.kill()
            try await hearth.start()
            try await client.sync()
            #expect(client.profiles == [alice.userID: [Self.status: .null, Self.call: .null]])
            #expect(try await client.sync().json[Self.users] == nil)
        }
    }

    @Test("a client that was away over a restart loses the status of who is ignored now, and gets it back when that ends")
    func ignoringBeforeRestart() async throws {
        try await withHearth { hearth in
            let (alice, bob, _, _) = try await Self.people(hearth)
            try await alice.put("/profile/\(alice.userID)/m.status", ["m.status": ["text": "here", "emoji": "🏠"]])
            var client = Element(bob)
            try await client.sync()
            let lists: [(JSON, Bool)] = [(.object([alice.userID: [:]]), false), (.object([:]), true)]
            for (list, isShown) in lists {
                try await bob.setAccountData(IgnoringScene.type, ["ignored_users": list])
                try await hearth.restart()
                try await client.sync()
                #expect((client.profiles[alice.userID]?[Self.status]?["text"] == "here") == isShown)
            }
        }
    }

    @Test("what is wrong with a call, a time zone or a filter is a 400, and nothing is stored")
    func wrong() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let far = String(repeating: "x", count: 5_000)
            let wrong: [(String, JSON, String)] = [
                ("call", "on the phone", "M_BAD_JSON"), ("call", ["call_joined_ts": -1], "M_BAD_JSON"),
                ("call", ["call_joined_ts": "soon"], "M_BAD_JSON"), ("call", ["x": .string(far)], "M_PROFILE_TOO_LARGE"),
                ("tz", "../../etc/passwd", "M_INVALID_PARAM"), ("tz", "Europe/Nowhere", "M_INVALID_PARAM"),
                ("tz", "Europe/Berlin\u{0}", "M_BAD_JSON"), ("tz", 1, "M_BAD_JSON"),
                ("tz", "Asia/\u{212A}olkata", "M_INVALID_PARAM"),
            ]
            let names = ["call": ["m.call", "org.matrix.msc4426.call"], "tz": ["m.tz", "us.cloke.msc4175.tz"]]
            for (kind, value, code) in wrong {
                for name in names[kind] ?? [] {
                    let response = try await alice.put("/profile/\(alice.userID)/\(name)", .pairs((name, value)), expecting: 400)
                    #expect(
                        response.errorCode == code || value.text.contains("u0000"), "\(name) \(value.text): \(response.json.text)"
                    )
                }
            }
            for body in [#"{"m.call":{"call_joined_ts":1e300}}"#, #"{"m.call":{"call_joined_ts":1.5}}"#] {
                let response = try await alice.request("PUT", "/profile/\(alice.userID)/m.call", rawBody: Array(body.utf8))
                #expect(response.status == 400, "\(body)")
            }
            #expect(try await alice.get("/profile/\(alice.userID)").json == [:])
            try await alice.put("/profile/\(alice.userID)/us.cloke.msc4175.tz", ["us.cloke.msc4175.tz": "Europe/Berlin"])
            #expect(
                try await alice.get("/profile/\(alice.userID)").json
                    == ["m.tz": "Europe/Berlin", "us.cloke.msc4175.tz": "Europe/Berlin"])
            try await alice.delete("/profile/\(alice.userID)/m.tz")
            #expect(try await alice.get("/profile/\(alice.userID)").json == [:])

            let many = JSON.array((0..<101).map { .string("x\($0)") })
            let key = "org.matrix.msc4429.profile_fields"
            for wrong in [.pairs((key, ["ids": "m.status"])), .pairs((key, ["m.status"])), .pairs((key, ["ids": many]))] as [JSON]
            {
                let stored = try await alice.post("/user/\(alice.userID)/filter", wrong, expecting: 400)
                #expect(stored.errorCode == "M_BAD_JSON" || stored.errorCode == "M_INVALID_PARAM", "\(stored.json.text)")
            }
            let endless = JSON.array((0..<10_000).map { .string("x\($0)") })
            let large = try await alice.post("/user/\(alice.userID)/filter", .pairs((key, ["ids": endless])), expecting: 413)
            #expect(large.errorCode == "M_TOO_LARGE")
            let twice: JSON = .pairs((key, ["ids": [.string(Self.status), .string(Self.status)]]))
            try await alice.put("/profile/\(alice.userID)/m.status", ["m.status": ["text": "AFK", "emoji": "🏃"]])
            let shown = try await alice.sync(filter: twice)
            #expect(shown.json[Self.users, alice.userID, "profile_updates"]?.objectValue?.members.count == 1)
        }
    }

    @Test("the owner cannot put into the room's state, for everybody, what follows the audience")
    func notInTheRoom() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let profile = try await alice.peekProfile(of: alice.userID)
            let refused = try await alice.put(
                "/rooms/\(profile)/state/m.profile/", ["displayname": "Alice", "m.call": ["call_joined_ts": 1]], expecting: 403)
            #expect(refused.errorCode == "M_FORBIDDEN")
            try await alice.setState("m.profile", ["displayname": "Alice"], in: profile)
        }
    }

    @Test("appearing offline takes the call from others in the answer that brings offline, and gives it back")
    func hiding() async throws {
        try await withHearth { hearth in
            let (alice, bob, _, _) = try await Self.people(hearth)
            try await alice.putPresence("online")
            try await alice.put("/profile/\(alice.userID)/m.call", ["m.call": ["call_joined_ts": 5]])
            var client = Element(bob)
            try await client.sync()
            #expect(client.profiles[alice.userID]?[Self.call] == ["call_joined_ts": 5])
            try await alice.putPresence("offline", fields: ["io.hearth.manual": true])
            let answer = try await client.sync()
            #expect(answer.legacyPresence(of: alice.userID)?["presence"] == "offline")
            #expect(answer.json[Self.users, alice.userID] == ["profile_updates": .pairs((Self.call, .null))])
            _ = try await bob.get("/profile/\(alice.userID)/m.call", expecting: 404)
            #expect(try await alice.get("/profile/\(alice.userID)/m.call").json == ["m.call": ["call_joined_ts": 5]])
            try await alice.put("/profile/\(alice.userID)/m.call", ["m.call": ["call_joined_ts": 6]])
            #expect(try await client.sync().json[Self.users] == nil)
            try await alice.clearPresence()
            try await client.syncUntil { $0.profiles[alice.userID]?[Self.call] == ["call_joined_ts": 6] }
        }
    }

    @Test("a held sync hands over to the store what memory does not hold: names and other fields, under the names asked for")
    func otherFields() async throws {
        try await withHearth { hearth in
            let (alice, bob, _, _) = try await Self.people(hearth)
            let asks: JSON = ["org.matrix.msc4429.profile_fields": ["ids": ["m.tz", "displayname", "org.example.pronouns"]]]
            let start = try await bob.sync(setPresence: "offline", filter: asks)
            #expect(start.json[Self.users] == nil)
            async let held = bob.syncUntil(since: start.nextBatch, filter: asks) { $0.json[Self.users] != nil }
            try await Task.sleep(for: .milliseconds(200))
            try await alice.put("/profile/\(alice.userID)/org.example.pronouns", ["org.example.pronouns": ["she"]])
            let first = try await held
            #expect(
                first.json[Self.users] == .pairs((alice.userID, ["profile_updates": ["org.example.pronouns": ["she"]]])))
            try await alice.put("/profile/\(alice.userID)/us.cloke.msc4175.tz", ["us.cloke.msc4175.tz": "Asia/Tokyo"])
            try await alice.delete("/profile/\(alice.userID)/org.example.pronouns")
            let second = try await bob.sync(since: first.nextBatch, setPresence: "offline", filter: asks)
            #expect(
                second.json[Self.users, alice.userID, "profile_updates"]
                    == ["m.tz": "Asia/Tokyo", "org.example.pronouns": .null])
        }
    }
}

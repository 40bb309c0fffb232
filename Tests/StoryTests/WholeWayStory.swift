import HearthTestKit
import MatrixModel
import Testing

/// From a device's /sync or a manual PUT to a watcher's /sync, over real HTTP and a real database file.
@Suite("The whole way")
struct WholeWayStory {
    @Test("bob peeks at alice and sees her turn online, busy and free again, across a restart")
    func presenceReachesAWatcher() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let phone = try await hearth.client.login("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat", "name": "Kitchen"])
            _ = try await bob.join(room)

            let profile = try await bob.peek("#@alice:localhost")
            let first = try await bob.sync(setPresence: "offline")
            #expect(first["rooms", "peek", profile, "state"] != nil)
            #expect(first.state(of: profile, in: "peek").first?["type"] == "m.room.create")
            #expect(first.state(of: profile, in: "peek").first?["content", "io.hearth.owner"] == "@alice:localhost")

            // Making a room was an activity: alice is online already.
            _ = try await alice.sync(setPresence: "online")
            let online = try await bob.syncUntil { Self.presence(in: $0, of: profile) == "online" }
            #expect(online.legacyPresence(of: alice.userID)?["presence"] == "online")

            try await phone.putPresence("busy")
            let busy = try await bob.syncUntil(since: online.nextBatch) { Self.presence(in: $0, of: profile) == "busy" }
            let content = busy.peeked(profile).ofType("m.presence").last?["content"]
            #expect(content?["last_active_ts"]?.integerValue != nil)
            #expect(busy.legacyPresence(of: alice.userID)?["presence"] == "org.matrix.msc3026.busy")

            _ = try await alice.setState("m.status", ["text": "out at the dentist", "emoji": "🏃"], in: profile)
            let status = try await bob.syncUntil(since: busy.nextBatch) { !$0.peeked(profile).ofType("m.status").isEmpty }
            #expect(status.peeked(profile).ofType("m.status").last?["content", "text"] == "out at the dentist")
            #expect(status.peeked(profile).ofType("m.presence").isEmpty)

            try await hearth.restart()
            let quiet = try await bob.sync(since: status.nextBatch, setPresence: "offline")
            #expect(quiet["rooms", "peek"] == nil && quiet["rooms", "join"] == nil)
            #expect(quiet.nextBatch == status.nextBatch)
            _ = try await alice.sync(setPresence: "online")
            try await phone.putPresence("online")
            let free = try await bob.syncUntil(since: status.nextBatch) { Self.presence(in: $0, of: profile) == "online" }
            #expect(free.peeked(profile).ofType("m.status").isEmpty)
        }
    }

    @Test("the owner cannot send presence or change the rules of the profile room")
    func theRoomsPowerLevelsProtectPresence() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let profile = try await alice.peek("#@alice:localhost")
            for (type, key, content) in [
                ("m.presence", "", ["presence": "online"] as JSON),
                ("m.presence", "other", ["presence": "online"]),
                ("m.room.join_rules", "", ["join_rule": "public"]),
                ("m.room.history_visibility", "", ["history_visibility": "joined"]),
                ("m.room.power_levels", "", ["users": ["@alice:localhost": 100]]),
                ("m.room.create", "", ["room_version": "12"]),
            ] {
                let path: MatrixPath = "/rooms/\(profile)/state/\(type)/\(key)"
                let answer = try await alice.put(path, content, expecting: 403)
                #expect(answer.errorCode == "M_FORBIDDEN", "\(type) \(key)")
            }
            #expect(try await alice.post("/rooms/\(profile)/leave", expecting: 403).errorCode == "M_FORBIDDEN")
            let status = try await alice.setState("m.status", ["text": "here"], in: profile)
            let redact = try await alice.put("/rooms/\(profile)/redact/\(status)/t1", expecting: 403)
            #expect(redact.errorCode == "M_FORBIDDEN")
            #expect(
                try await alice.post("/createRoom", ["creation_content": ["type": "m.profile"]], expecting: 403).errorCode
                    == "M_FORBIDDEN")
        }
    }

    @Test("two devices that disagree give one answer, and neither's sync returns early because of it")
    func twoDevices() async throws {
        try await withHearth(settings: ["presence.audience": "everyone"]) { hearth in
            let laptop = try await hearth.client.register("alice")
            let phone = try await hearth.client.login("alice")
            let bob = try await hearth.client.register("bob")
            let profile = try await bob.peek("#@alice:localhost")
            let start = try await bob.sync(setPresence: "offline")
            let tokens = (try await laptop.sync(setPresence: "online"), try await phone.sync(setPresence: "unavailable"))
            let online = try await bob.syncUntil(since: start.nextBatch) { Self.presence(in: $0, of: profile) == "online" }
            // Their own presence comes to them once; after that the two disagree in silence.
            let seen = (
                try await laptop.sync(since: tokens.0.nextBatch, timeout: 200, setPresence: "online"),
                try await phone.sync(since: tokens.1.nextBatch, timeout: 200, setPresence: "unavailable")
            )
            async let one = laptop.sync(since: seen.0.nextBatch, timeout: 1_000, setPresence: "online")
            async let other = phone.sync(since: seen.1.nextBatch, timeout: 1_000, setPresence: "unavailable")
            let (first, second) = try await (one, other)
            #expect(first.nextBatch == seen.0.nextBatch)
            #expect(second.nextBatch == seen.1.nextBatch)
            let after = try await bob.sync(since: online.nextBatch, setPresence: "offline")
            #expect(after.peeked(profile).isEmpty)
        }
    }

    static func presence(in sync: SyncResponse, of profile: String) -> String? {
        sync.peeked(profile).ofType("m.presence").last?["content", "presence"]?.stringValue
    }
}

import HearthTestKit
import MatrixModel
import Testing

/// Push rules and what they make of unread counts, over real HTTP.
@Suite("Push rules")
struct PushRulesStory {
    private static let none: JSON = ["actions": []]

    /// Bob's counts of a room: what notifies, and what is addressed to him.
    private func counts(_ client: MatrixClient, _ room: String) async throws -> [Int64?] {
        let unread = try await client.sync(setPresence: "offline")["rooms", "join", room, "unread_notifications"]
        return [unread?["notification_count"]?.integerValue, unread?["highlight_count"]?.integerValue]
    }

    @Test("everybody has the default rules, in the first sync too")
    func defaults() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let all = try await alice.get("/pushrules/").json
            #expect(all["global", "override"]?.arrayValue?.count == 12)
            #expect(try await alice.get("/_matrix/client/r0/pushrules/global/").json == all["global"])
            #expect(try await alice.get("/pushrules/global/underride").json == all["global", "underride"])
            let first = try await alice.sync(setPresence: "offline")
            #expect(first.json.events(at: "account_data").ofType("m.push_rules").contents == [all])
            #expect(try await alice.get("/user/\(alice.userID)/account_data/m.push_rules").json == all)
            let refused = try await alice.put("/user/\(alice.userID)/account_data/m.push_rules", all, expecting: 405)
            #expect(refused.errorCode == "M_BAD_JSON")
        }
    }

    @Test("a rule is made, read, changed, disabled and deleted, and every step wakes the user's other device")
    func life() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let tablet = try await hearth.client.login("alice")
            var since = try await tablet.sync(setPresence: "offline").nextBatch
            func told() async throws -> JSON? {
                let news = try await tablet.sync(since: since, timeout: 5000, setPresence: "offline")
                since = news.nextBatch
                return news.json.events(at: "account_data").ofType("m.push_rules").contents.last?["global", "content"]?
                    .arrayValue?.first
            }
            let rule: MatrixPath = "/pushrules/global/content/cake"
            _ = try await alice.get(rule, expecting: 404)
            try await alice.put(rule, ["pattern": "cake*lie", "actions": ["notify"]])
            let made: JSON = ["rule_id": "cake", "default": false, "enabled": true, "pattern": "cake*lie", "actions": ["notify"]]
            #expect(try await alice.get(rule).json == made)
            #expect(try await told() == made)
            try await alice.put("/pushrules/global/content/cake/enabled", ["enabled": false])
            #expect(try await alice.get("/pushrules/global/content/cake/enabled").json == ["enabled": false])
            #expect(try await told()?["enabled"] == false)
            let actions: JSON = ["actions": ["notify", ["set_tweak": "sound", "value": "cakealarm.wav"]]]
            try await alice.put("/pushrules/global/content/cake/actions", actions)
            #expect(try await alice.get("/pushrules/global/content/cake/actions").json == actions)
            #expect(try await told()?["actions"] == actions["actions"])
            try await alice.put("/pushrules/global/content/beer?before=cake", ["pattern": "beer", "actions": []])
            #expect(try await told()?["rule_id"] == "beer")
            try await hearth.restart()
            let content = try await alice.get("/pushrules/global/").json["content"]?.arrayValue
            #expect(content?.compactMap { $0["rule_id"]?.stringValue } == ["beer", "cake", ".m.rule.contains_user_name"])
            try await alice.delete(rule)
            try await alice.delete(rule, expecting: 404)
            try await alice.delete("/pushrules/global/content/.m.rule.contains_user_name", expecting: 400)
        }
    }

    @Test("counts follow the rules: mentions, muted rooms, rooms for mentions alone, before and after a restart")
    func unread() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            var rooms: [String] = []
            for _ in 0..<3 {
                let room = try await alice.createRoom(["preset": "public_chat"])
                try await bob.join(room)
                rooms.append(room)
            }
            let (open, muted, mentions) = (rooms[0], rooms[1], rooms[2])
            let mute: JSON = [
                "conditions": [["kind": "event_match", "key": "room_id", "pattern": .string(muted)]], "actions": [],
            ]
            try await bob.put("/pushrules/global/override/\(muted)", mute)
            try await bob.put("/pushrules/global/room/\(mentions)", Self.none)
            for room in rooms {
                try await alice.sendText("hello everybody", to: room)
                try await alice.send(
                    "m.room.message", ["msgtype": "m.text", "body": "you", "m.mentions": ["user_ids": [.string(bob.userID)]]],
                    to: room)
                try await alice.sendText("ask Bob!", to: room)
                try await alice.send("m.room.message", ["msgtype": "m.notice", "body": "bob"], to: room)
                try await alice.send("m.reaction", ["x": 1], to: room)
                try await alice.send("m.room.encrypted", ["ciphertext": "x"], to: room)
            }
            for isRestarted in [false, true] {
                if isRestarted { try await hearth.restart() }
                #expect(try await counts(bob, open) == [4, 2])
                #expect(try await counts(bob, muted) == [0, 0])
                #expect(try await counts(bob, mentions) == [2, 2])
                #expect(try await counts(alice, open) == [0, 0])
            }
        }
    }

    @Test("a count comes in the same sync as its event, also where the rules differ from the usual")
    func sameSync() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            let start = try await bob.sync(setPresence: "offline")
            async let held = bob.syncUntil(since: start.nextBatch) { $0["rooms", "join", room] != nil }
            try await alice.sendText("hi @room", to: room)
            let news = try await held
            #expect(news["rooms", "join", room, "unread_notifications"] == ["notification_count": 1, "highlight_count": 1])
            try await bob.put("/pushrules/global/override/.m.rule.roomnotif/enabled", ["enabled": false])
            try await alice.sendText("hi @room", to: room)
            #expect(try await counts(bob, room) == [2, 1])
        }
    }

    @Test("a new name is heard at once, the old one no more")
    func displayName() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            try await alice.sendText("white rabbit?", to: room)
            #expect(try await counts(bob, room) == [1, 0])
            try await bob.setState(
                "m.room.member", key: bob.userID, ["membership": "join", "displayname": "White Rabbit"], in: room)
            try await alice.sendText("white rabbit?", to: room)
            #expect(try await counts(bob, room) == [1, 1])
        }
    }
}

import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// `m.status` over real HTTP: its limits and its end.
@Suite("Status")
struct StatusStory {
    private func milliseconds(fromNow seconds: Double) -> JSON {
        .integer(Int64((Date().timeIntervalSince1970 + seconds) * 1000))
    }

    @Test("a status with an expiry is cleared by itself, for watchers and in the profile, also when the server was down then")
    func expiry() async throws {
        try await withHearth(settings: ["presence.audience": "everyone"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let profile = try await bob.peekProfile(of: alice.userID)
            let start = try await bob.sync(setPresence: "offline")
            try await alice.setState(
                "m.status", ["text": "back soon", "io.hearth.expires_ts": milliseconds(fromNow: 2)], in: profile)
            let shown = try await bob.syncUntil(since: start.nextBatch) { !$0.peeked(profile).ofType("m.status").isEmpty }
            #expect(shown.peeked(profile).ofType("m.status").last?["content", "text"] == "back soon")
            let over = try await bob.syncUntil(since: shown.nextBatch) { !$0.peeked(profile).ofType("m.status").isEmpty }
            #expect(over.peeked(profile).ofType("m.status").last?["content"] == [:])
            _ = try await bob.get("/profile/\(alice.userID)/m.status", expecting: 404)

            try await alice.put(
                "/profile/\(alice.userID)/m.status",
                ["m.status": ["text": "asleep", "io.hearth.expires_ts": milliseconds(fromNow: 1)]])
            let asleep = try await bob.syncUntil(since: over.nextBatch) { !$0.peeked(profile).ofType("m.status").isEmpty }
            hearth.kill()
            try await Task.sleep(for: .seconds(1))
            try await hearth.start()
            let awake = try await bob.syncUntil(since: asleep.nextBatch) { sync in
                sync.peeked(profile).ofType("m.status").last?["content"] == [:]
            }
            #expect(awake.nextBatch != asleep.nextBatch)
        }
    }

    @Test("a status over its limits or from the past is refused, and nothing changes")
    func limits() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let profile = try await alice.peekProfile(of: alice.userID)
            let fits: JSON = [
                "text": .string(String(repeating: "é", count: 128)), "emoji": .string(String(repeating: "x", count: 32)),
            ]
            try await alice.setState("m.status", fits, in: profile)
            let path: MatrixPath = "/rooms/\(profile)/state/m.status/"
            let refused: [(JSON, String)] = [
                (["text": .string(String(repeating: "x", count: 257))], "M_TOO_LARGE"),
                (["emoji": .string(String(repeating: "x", count: 33))], "M_TOO_LARGE"),
                (["text": 7], "M_BAD_JSON"),
                (["text": "x", "io.hearth.expires_ts": "soon"], "M_BAD_JSON"),
                (["text": "x", "io.hearth.expires_ts": milliseconds(fromNow: -5)], "M_INVALID_PARAM"),
            ]
            for (content, code) in refused {
                #expect(try await alice.put(path, content, expecting: 400).errorCode == code, "\(content)")
                let field = try await alice.put("/profile/\(alice.userID)/m.status", ["m.status": content], expecting: 400)
                #expect(field.errorCode == code, "\(content)")
            }
            let long = JSON.string(String(repeating: "x", count: 257))
            let legacy = try await alice.put(
                "/presence/\(alice.userID)/status", ["presence": "busy", "status_msg": long], expecting: 400)
            #expect(legacy.errorCode == "M_TOO_LARGE")
            #expect(try await alice.state("m.status", of: profile) == fits)
            #expect(try await alice.ownPresence()["io.hearth.manual"]?.isNull == true)
        }
    }
}

import HearthTestKit
import MatrixModel
import Testing

/// Presence and status of ignored users, to those who ignore them and to all others.
@Suite("Ignored users are offline")
struct IgnoringPresenceStory {
    private static let settings = ["sync.presence_wake_interval": "0ms", "presence.settle": "0ms"]

    private static func holdsLane(_ events: [JSON]) -> Bool {
        events.contains { $0["type"] == "m.presence" || $0["type"] == "m.status" }
    }

    @Test(
        "one last offline, the peek ends, and no endpoint shows presence or status until the ignoring ends; others see no difference"
    )
    func presence() async throws {
        try await withHearth(settings: Self.settings) { hearth in
            let scene = try await IgnoringScene(hearth)
            try await scene.bob.putPresence("busy", statusMessage: "in a meeting")
            try await scene.carol.putPresence("busy")
            let profile = try await scene.alice.peekProfile(of: scene.bob.userID)
            try await scene.carol.peekProfile(of: scene.bob.userID)
            var since = try await scene.fresh(scene.alice)
            #expect(since.legacyPresence(of: scene.bob.userID)?["status_msg"] == "in a meeting")
            #expect(Self.holdsLane(since.peeked(profile)))
            let others = try await scene.fresh(scene.carol).nextBatch

            try await scene.ignore(scene.bob)
            let begun = try await scene.next(scene.alice, since: since.nextBatch)
            let last = try #require(begun.legacyPresence(of: scene.bob.userID))
            #expect(last["presence"] == "offline" && last["status_msg"] == nil)
            #expect(begun["rooms", "leave", profile] != nil)
            #expect(!Self.holdsLane(begun.state(of: profile, in: "leave") + begun.timeline(of: profile, in: "leave")))
            #expect(try await scene.next(scene.carol, since: others).nextBatch == others, "nobody else is told anything")

            try await scene.bob.putPresence("busy", statusMessage: "on the phone")
            let quiet = try await scene.next(scene.alice, since: begun.nextBatch)
            #expect(IgnoringScene.isQuiet(quiet), "\(quiet.json.text)")
            for restarted in [false, true] {
                if restarted { try await hearth.restart() }
                _ = try await scene.alice.get("/presence/\(scene.bob.userID)/status", expecting: 403)
                #expect(try await scene.alice.get("/profile/\(scene.bob.userID)").json["m.status"] == nil)
                _ = try await scene.alice.get("/rooms/\(profile)/state/m.presence", expecting: 404)
                #expect(!Self.holdsLane(try await scene.alice.get("/rooms/\(profile)/state").json.arrayValue ?? []))
                let fresh = try await scene.fresh(scene.laptop)
                #expect(fresh.legacyPresence(of: scene.bob.userID) == nil)
                #expect(fresh.legacyPresence(of: scene.carol.userID)?["presence"] == "org.matrix.msc3026.busy")
                #expect(try await scene.carol.get("/profile/\(scene.bob.userID)").json["m.status", "text"] == "on the phone")
                // Who ignores is seen as ever.
                _ = try await scene.bob.get("/presence/\(scene.alice.userID)/status")
            }
            try await scene.alice.peek(profile)
            since = try await scene.fresh(scene.alice)
            #expect(!since.peeked(profile).isEmpty && !Self.holdsLane(since.peeked(profile)))

            try await scene.ignore()
            let ended = try await scene.next(scene.alice, since: since.nextBatch)
            #expect(Self.holdsLane(ended.state(of: profile, in: "peek")))
            #expect(ended.legacyPresence(of: scene.bob.userID)?["status_msg"] == "on the phone")
            let told = try await scene.next(scene.carol, since: others)
            #expect(told.legacyPresence(of: scene.bob.userID)?["status_msg"] == "on the phone")
        }
    }

    @Test("many peeks follow a list of many users, at once for the eye and then in the store")
    func manyPeeks() async throws {
        let settings = Self.settings.merging(["presence.audience": "everyone"]) { $1 }
        try await withHearth(settings: settings) { hearth in
            let alice = try await hearth.client.register("alice")
            var others: [MatrixClient] = []
            for number in 0..<66 { others.append(try await hearth.client.register("user\(number)")) }
            let ids = JSON.array(others.map { .string($0.userID) })
            try await alice.post("/_matrix/client/unstable/io.hearth/peek_profiles", .pairs(("user_ids", ids)))
            let start = try await alice.sync(setPresence: "offline")
            #expect(start["rooms", "peek"]?.objectValue?.count == 66)
            let list = JSONObject(others.map { ($0.userID, JSON.object([:])) })
            try await alice.setAccountData(IgnoringScene.type, ["ignored_users": .object(list)])
            for other in others.suffix(2) { try await other.putPresence("busy") }
            var (since, ended): (String, Set<String>) = (start.nextBatch, [])
            while ended.count < 66 {
                let answer = try await alice.sync(since: since, timeout: 10_000, setPresence: "offline")
                #expect(answer["rooms", "peek"] == nil, "\(answer.json.text)")
                let gone = answer["rooms", "leave"]?.objectValue?.keys.map { $0 } ?? []
                guard !gone.isEmpty || answer.nextBatch != since else { break }
                since = answer.nextBatch
                ended.formUnion(gone)
            }
            #expect(ended.count == 66)
        }
    }
}

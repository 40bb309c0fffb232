import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// Two clients behind one access token that never agree.
@Suite("Two clients on one device")
struct OneDeviceStory {
    static let lasting: Duration = .seconds(10)
    static let poll = 1_000

    @Test("two clients on one device that disagree cause at most one event, and no sync returns early because of it")
    func disagreement() async throws {
        // The gap between two polls is shorter than the settle time, on a busy machine too; polls are short, so that there are many.
        try await withHearth(settings: ["presence.settle": "4s", "sync.presence_wake_interval": "0ms"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await bob.createRoom(["preset": "public_chat"])
            try await alice.join(room)
            let profile = try await bob.peekProfile(of: alice.userID)
            let online = try await bob.syncUntil {
                $0.peeked(profile).ofType("m.presence").last?["content", "presence"] == "online"
            }
            let start = try await alice.sync(setPresence: "offline").nextBatch

            let end = ContinuousClock.now + Self.lasting
            async let one = polls(of: alice, saying: "online", since: start, until: end)
            async let other = polls(of: alice, saying: "unavailable", since: start, until: end)
            let (first, second) = try await (one, other)
            for polls in [first, second] {
                #expect(polls.count > 2)
                for poll in polls.dropFirst() {
                    #expect(poll.token == polls[0].token, "no sync of alice's brings anything")
                    #expect(poll.lasted >= .milliseconds(Self.poll - 50), "a sync returned after \(poll.lasted)")
                }
            }
            let after = try await bob.sync(since: online.nextBatch, setPresence: "offline")
            #expect(after.peeked(profile).isEmpty)
            let history = try await bob.get("/rooms/\(profile)/messages", query: ["dir": "b", "limit": "100"])
            let events = history["chunk"]?.arrayValue?.ofType("m.presence") ?? []
            #expect(events.count <= 1)
        }
    }

    private struct Poll: Sendable {
        let token: String
        let lasted: Duration
    }

    /// Syncs without a pause, each held for as long as there is nothing to tell.
    private func polls(
        of client: MatrixClient, saying presence: String, since: String, until end: ContinuousClock.Instant
    ) async throws -> [Poll] {
        var polls: [Poll] = []
        var since = since
        while ContinuousClock.now < end {
            let began = ContinuousClock.now
            let answer = try await client.sync(since: since, timeout: Self.poll, setPresence: presence)
            polls.append(Poll(token: answer.nextBatch, lasted: ContinuousClock.now - began))
            since = answer.nextBatch
        }
        return polls
    }
}

import HearthTestKit
import MatrixModel
import Testing

/// Appearing offline is no lie that others can find out: it looks like the log-out of the last device.
@Suite("Appear offline")
struct InvisibleStory {
    /// Everything that a third user can ask about one user, without what names the user or the moment.
    private func seen(of user: MatrixClient, profile: String, by bob: MatrixClient) async throws -> [String: JSON] {
        var seen: [String: JSON] = [:]
        seen["GET presence"] = try await bob.legacyPresence(of: user.userID).json
        seen["state"] = try await bob.get("/rooms/\(profile)/state").json
        seen["m.presence"] = try await bob.state("m.presence", of: profile)
        seen["m.presence as an event"] =
            try await bob.get("/rooms/\(profile)/state/m.presence/", query: ["format": "event"]).json
        seen["messages"] = try await bob.get("/rooms/\(profile)/messages", query: ["dir": "b", "limit": "100"]).json
        seen["messages from the start"] = try await bob.get("/rooms/\(profile)/messages", query: ["dir": "f", "limit": "100"])
            .json
        seen["members"] = try await bob.get("/rooms/\(profile)/members").json
        seen["profile"] = try await bob.get("/profile/\(user.userID)").json
        return seen.mapValues { Anonymous(user: user.userID, profile: profile).json($0) }
    }

    @Test("nobody can tell who appears offline from who logged out the last device", arguments: [true, false])
    func looksLikeLoggingOut(peeks: Bool) async throws {
        try await withHearth(settings: ["sync.presence_wake_interval": "0ms"]) { hearth in
            let bob = try await hearth.client.register("bob")
            let room = try await bob.createRoom(["preset": "public_chat"])
            let hidden = try await hearth.client.register("alice", deviceID: "ONE")
            let gone = try await hearth.client.register("clara", deviceID: "ONE")
            for user in [hidden, gone] {
                try await user.join(room)
                _ = try await user.sync(setPresence: "online")
            }
            let parties = [
                (hidden, profile: try await bob.peekProfile(of: hidden.userID)),
                (gone, profile: try await bob.peekProfile(of: gone.userID)),
            ]
            if !peeks {
                // Then presence comes in `presence.events` alone.
                for party in parties { try await bob.unpeek(party.profile) }
            }
            let start = try await bob.syncUntil { sync in
                parties.allSatisfy { sync.legacyPresence(of: $0.0.userID)?["presence"] == "online" }
            }

            // One appears offline, the other logs out, at the same moment; bob's sync is held.
            let began = ContinuousClock.now
            async let watched = watch(bob, since: start.nextBatch, parties: parties)
            async let hide = hidden.putPresence("offline")
            async let leave: Void = gone.logOut()
            _ = try await (hide, leave)
            let news = try await watched
            for told in news { #expect(told.moment - began < .seconds(4), "a fall by hand waits for no settling") }
            let shown = zip(parties, news).map { party, news in
                Anonymous(user: party.0.userID, profile: party.profile).json(.array(news.events))
            }
            #expect(shown[0] == shown[1])
            #expect(shown[0].arrayValue?.count == (peeks ? 2 : 1), "once in each way that bob looks, and no more")
            let asked = (
                try await seen(of: hidden, profile: parties[0].profile, by: bob),
                try await seen(of: gone, profile: parties[1].profile, by: bob)
            )
            for (question, answer) in asked.0 { #expect(answer == asked.1[question], "\(question)") }
            #expect(asked.0["m.presence"]?["presence"] == "offline")

            // Whatever the hidden device does by itself, nothing of it is seen.
            let after = try await bob.sync(setPresence: "offline")
            _ = try await hidden.sync(setPresence: "online")
            _ = try await hidden.sync(setPresence: "busy")
            let quiet = try await bob.sync(since: after.nextBatch, timeout: 500, setPresence: "offline")
            #expect(quiet.nextBatch == after.nextBatch)
            let later = try await seen(of: hidden, profile: parties[0].profile, by: bob)
            for (question, answer) in later { #expect(answer == asked.1[question], "\(question), later") }
        }
    }

    /// What came about a user, and when the last of it did.
    private struct News: Sendable {
        var events: [JSON] = []
        var moment = ContinuousClock.now

        var tellsOffline: Bool { events.contains { $0["content", "presence"] == "offline" } }
    }

    /// Syncs on until both users are told of as offline; returns all news of their presence until then.
    private func watch(_ bob: MatrixClient, since: String, parties: [(MatrixClient, profile: String)]) async throws -> [News] {
        var news = parties.map { _ in News() }
        _ = try await bob.syncUntil(since: since) { sync in
            for (index, (user, profile)) in parties.enumerated() {
                let events =
                    sync.peeked(profile).ofType("m.presence")
                    + sync.json.events(at: "presence").filter { $0["sender"] == .string(user.userID) }
                if events.isEmpty { continue }
                news[index].events += events
                news[index].moment = .now
            }
            return news.allSatisfy(\.tellsOffline)
        }
        return news
    }
}

/// Takes out of an answer what names its user or its moment.
private struct Anonymous {
    let user: String
    let profile: String
    private static let moments: Set<String> = ["origin_server_ts", "last_active_ts", "last_active_ago", "age"]
    private static let tokens: Set<String> = ["start", "end", "prev_batch", "next_batch", "transaction_id"]

    func json(_ value: JSON) -> JSON {
        switch value {
        case .array(let values): return .array(values.map(json))
        case .object(let object):
            var anonymous: JSONObject = [:]
            for member in object.members {
                let isMoment = Self.moments.contains(member.key) && member.value.integerValue != nil
                let isToken = Self.tokens.contains(member.key)
                anonymous[text(member.key)] = isMoment ? "a moment" : isToken ? "a token" : json(member.value)
            }
            return .object(anonymous)
        case .string(let value): return .string(value.hasPrefix("$") ? "$event" : text(value))
        default: return value
        }
    }

    private func text(_ value: String) -> String {
        value.replacing(profile, with: "!profile").replacing(user, with: "@user")
            .replacing(user.dropFirst().prefix { $0 != ":" }, with: "user")
    }
}

import HearthTestKit
import MatrixModel
import Testing

/// Presence that changes without end, over real HTTP.
@Suite("Many changes")
struct ManyChangesStory {
    @Test("a thousand changes are each published, and each is an event of its own")
    func aThousandChanges() async throws {
        try await withHearth(settings: ["presence.audience": "everyone"]) { hearth in
            let bob = try await hearth.client.register("bob")
            var people: [(client: MatrixClient, profile: String)] = []
            for number in 0..<10 {
                let client = try await hearth.client.register("user\(number)")
                people.append((client, try await bob.peekProfile(of: client.userID)))
            }
            for change in 0..<100 {
                let word = change.isMultiple(of: 2) ? "busy" : "online"
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for person in people { group.addTask { try await person.client.putPresence(word) } }
                    try await group.waitForAll()
                }
                guard change.isMultiple(of: 20) else { continue }
                for person in people {
                    #expect(try await bob.state("m.presence", of: person.profile)["presence"]?.stringValue == word)
                }
            }
            let last = try await bob.sync(setPresence: "offline")
            for person in people {
                #expect(last.peeked(person.profile).ofType("m.presence").last?["content", "presence"] == "online")
                let events = try await hearth.command(["room", "export", person.profile]).split(separator: "\n")
                #expect(events.count { $0.contains("\"type\":\"m.presence\"") } == 100, "each change was an event of its own")
            }
        }
    }
}

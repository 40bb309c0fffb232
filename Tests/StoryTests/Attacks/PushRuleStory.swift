import HearthTestKit
import MatrixModel
import Testing

/// Push rules that are as dear as rules can be, with the messages for them.
@Suite("Dear push rules")
struct PushRuleStory {
    /// A pattern that almost matches everywhere in ``body(_:)``, and does at the end.
    private static let pattern = JSON.string(String(repeating: "a ", count: 99) + "c")

    private static func body(_ length: Int) -> String { String(repeating: "a ", count: length / 2 - 1) + "c" }

    @Test("480 conditions and messages of 60 kB do not hold up what others write")
    func conditions() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let bystander = try await Bystander(on: hearth)
            let owner = try await hearth.client.register("owner")
            let sender = try await hearth.client.register("sender")
            let room = try await owner.createRoom(["preset": "public_chat"])
            try await sender.join(room)
            let path: MatrixPath = "/pushrules/global/override/dear"
            func rule(_ count: Int) -> JSON {
                let condition: JSON = ["kind": "event_match", "key": "content.body", "pattern": Self.pattern]
                return ["actions": ["notify"], "conditions": .array(Array(repeating: condition, count: count))]
            }
            try await owner.put(path, rule(480))
            // The list is twice in an event, and each time as long as can be.
            let contains: JSON = ["kind": "event_property_contains", "key": "content.x", "value": 7]
            try await owner.put(
                "/pushrules/global/underride/dear",
                ["actions": ["notify"], "conditions": .array(Array(repeating: contains, count: 20))])
            let list = JSON.array(Array(repeating: 1, count: 20_000))
            let (_, report) = try await bystander.whileEnduring {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for length in [60_000, 60_000, 16_000, 16_000] {
                        group.addTask { _ = try await sender.sendText(Self.body(length), to: room) }
                    }
                    group.addTask { _ = try await sender.send("m.room.message", ["body": "x", "x": list], to: room) }
                    try await group.waitForAll()
                }
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")

            #expect(try await owner.put(path, rule(481), expecting: 400).errorCode == "M_BAD_JSON")
            try await hearth.restart()
            #expect(try await owner.get(path)["conditions"]?.arrayValue?.count == 480)
            let since = try await owner.sync(setPresence: "offline").nextBatch
            _ = try await sender.sendText("owner, are you there?", to: room)
            let news = try await owner.syncUntil(since: since) { !$0.timeline(of: room).isEmpty }
            #expect(news.json["rooms", "join", room, "unread_notifications", "highlight_count"] == 1)
        }
    }
}

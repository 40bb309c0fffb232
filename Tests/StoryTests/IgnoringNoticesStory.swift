import HearthTestKit
import MatrixModel
import Testing

/// Counts, notifications and pushes of those who ignore somebody.
@Suite("Ignored users notify nobody who ignores them")
struct IgnoringNoticesStory {
    private func notified(_ client: MatrixClient) async throws -> [String] {
        let entries = try await client.get("/notifications").json["notifications"]?.arrayValue ?? []
        return entries.compactMap { $0["event", "content", "body"]?.stringValue }
    }

    @Test("unread counts and notifications are without them from the beginning on, and with what comes after the end")
    func counts() async throws {
        try await withHearth { hearth in
            let scene = try await IgnoringScene(hearth)
            try await scene.bob.sendText("alice, before", to: scene.room)
            try await scene.carol.sendText("from carol", to: scene.room)
            var since = try await scene.fresh(scene.alice).nextBatch
            func counts(_ response: SyncResponse) -> [Int64?] {
                let counts = response["rooms", "join", scene.room, "unread_notifications"]
                return [counts?["notification_count"]?.integerValue, counts?["highlight_count"]?.integerValue]
            }
            try await scene.ignore(scene.bob)
            let begun = try await scene.next(scene.alice, since: since)
            #expect(counts(begun) == [1, 0], "they are news though nothing came")
            since = begun.nextBatch
            try await scene.bob.sendText("alice, ignored", to: scene.room)
            #expect(try await counts(scene.next(scene.alice, since: since)) == [nil, nil])
            #expect(try await counts(scene.fresh(scene.laptop)) == [1, 0])
            #expect(try await notified(scene.alice) == ["from carol"])
            try await hearth.restart()
            #expect(try await counts(scene.fresh(scene.laptop)) == [1, 0])
            #expect(try await notified(scene.alice) == ["from carol"])
            try await scene.ignore()
            try await scene.bob.sendText("alice, after", to: scene.room)
            for restarted in [false, true] {
                if restarted { try await hearth.restart() }
                #expect(try await counts(scene.next(scene.alice, since: since)) == [2, 1], "restarted: \(restarted)")
                #expect(try await notified(scene.alice) == ["alice, after", "from carol"])
            }
        }
    }

    @Test("nothing of theirs is pushed, not even what waited for the gateway, and nothing of it after the end")
    func pushes() async throws {
        try await FakeGateway.with { gateway in
            try await withHearth(settings: ["push.allow_private": "true"]) { hearth in
                let scene = try await IgnoringScene(hearth)
                try await scene.alice.post(
                    "/pushers/set",
                    .pairs(
                        ("kind", "http"), ("app_id", "org.example.app"), ("pushkey", "key"), ("app_display_name", "App"),
                        ("device_display_name", "Phone"), ("lang", "en"), ("data", .pairs(("url", .string(gateway.url))))))
                gateway.answer(status: 502)
                try await scene.carol.sendText("first", to: scene.room)
                _ = try await gateway.notifications(atLeast: 1)
                try await scene.bob.sendText("alice, waiting", to: scene.room)
                try await scene.ignore(scene.bob)
                try await scene.bob.sendText("alice, ignored", to: scene.room)
                try await scene.bob.invite(scene.alice.userID, to: scene.bob.createRoom())
                try await scene.ignore()
                try await scene.carol.sendText("last", to: scene.room)
                let before = gateway.notifications.count
                gateway.answer()
                let pushed = try await gateway.notifications(atLeast: before + 2).dropFirst(before)
                #expect(pushed.map { $0["content", "body"] } == ["first", "last"])
                #expect(pushed.last?["counts"] == ["unread": 2])
            }
        }
    }
}

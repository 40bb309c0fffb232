import HearthTestKit
import MatrixModel
import Testing

@Suite("Paging to a room's present and beyond")
struct PagingOnStory {
    @Test("a page that reaches the present says where to go on, and what is sent later comes from there")
    func present() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let room = try await alice.createRoom()
            try await alice.sendText("one", to: room)
            let start = try await alice.sync(setPresence: "offline").nextBatch

            var from = start
            for text in ["two", "three"] {
                let before = try await page(of: room, from: from, for: alice)
                #expect(before.texts == [] && before.end == nil)
                try await alice.sendText(text, to: room)
                let after = try await page(of: room, from: from, for: alice)
                #expect(after.texts == [text])
                from = try #require(after.end)
            }
            #expect(try await page(of: room, from: start, for: alice).texts == ["two", "three"])
        }
    }

    @Test("where nothing more comes there is no end: at the room's beginning, up to a token, after one's leave, in an empty page")
    func ends() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            let start = try await bob.sync(setPresence: "offline").nextBatch
            try await alice.sendText("one", to: room)
            let middle = try await bob.sync(setPresence: "offline").nextBatch
            #expect(try await page(of: room, from: start, to: middle, for: bob).end == nil)
            #expect(try await page(of: room, from: start, for: bob).end != nil)
            #expect(try await bob.get("/rooms/\(room)/messages", query: ["dir": "b", "limit": "100"])["end"] == nil)

            try await bob.leave(room)
            try await alice.sendText("two", to: room)
            let left = try await page(of: room, from: start, for: bob)
            #expect(left.texts == ["one"] && left.end == nil)
        }
    }

    private func page(
        of room: String, from: String, to: String? = nil, for client: MatrixClient
    ) async throws -> (texts: [String], end: String?) {
        var query = ["dir": "f", "limit": "100", "from": from]
        query["to"] = to
        let page = try await client.get("/rooms/\(room)/messages", query: query)
        let texts = (page["chunk"]?.arrayValue ?? []).compactMap { $0["content", "body"]?.stringValue }
        return (texts, page["end"]?.stringValue)
    }
}

import HearthTestKit
import MatrixModel
import Testing

@Suite("Erasure")
struct ErasureStory {
    private static func events(_ answer: MatrixResponse) -> [JSON] { answer["chunk"]?.arrayValue ?? [] }

    private static func end(_ client: MatrixClient, erase: Bool) async throws {
        let auth: JSON = [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": .string(client.userID)],
            "password": "correct horse battery staple",
        ]
        try await client.post("/account/deactivate", ["auth": auth, "erase": .bool(erase)])
    }

    @Test(
        "what an erased user sent is redacted for those who come later, and stays for those who were there; others' stays for all"
    )
    func laterJoiners() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let carol = try await hearth.client.register("carol")
            let dave = try await hearth.client.register("dave")
            let room = try await bob.createRoom(["preset": "public_chat"])
            try await bob.setState("m.room.history_visibility", ["history_visibility": "world_readable"], in: room)
            try await alice.put("/profile/\(alice.userID)/displayname", ["displayname": "Alice Liddell"])
            try await alice.join(room)
            let text = try await alice.sendText("secret", to: room)
            let edit = try await alice.send(
                "m.room.message",
                [
                    "msgtype": "m.text", "body": "* secret", "m.new_content": ["msgtype": "m.text", "body": "secret"],
                    "m.relates_to": ["rel_type": "m.replace", "event_id": .string(text)],
                ], to: room)
            // Carol came after the message and before the end.
            try await carol.join(room)
            let mine = try await bob.sendText("secret of bob", to: room)
            try await Self.end(alice, erase: true)
            try await dave.join(room)
            let erin = try await hearth.client.register("erin")

            let readers = [(bob, true), (carol, true), (dave, false), (erin, false)]
            for reader in readers { try await Self.check(text, edit, mine, in: room, for: reader.0, sees: reader.1) }
            try await hearth.restart()
            for reader in readers { try await Self.check(text, edit, mine, in: room, for: reader.0, sees: reader.1) }
            for reader in readers.dropLast() {
                let start = try await reader.0.sync(setPresence: "offline", filter: ["room": ["timeline": ["limit": 50]]])
                Self.check(start.timeline(of: room).first { $0["event_id"] == .string(text) }, isShown: reader.1, "sync")
            }
            try await dave.leave(room)
            let wanted: JSON = ["room": ["include_leave": true, "timeline": ["limit": 50]]]
            let left = try await dave.sync(setPresence: "offline", filter: wanted)
            let event = left["rooms", "leave", room, "timeline", "events"]?.arrayValue?.first { $0["event_id"] == .string(text) }
            #expect(event?["content"] == [:])
        }
    }

    private static func check(_ event: JSON?, isShown: Bool, _ place: String) {
        #expect((event?["content", "body"] == "secret") == isShown, "\(place)")
        if isShown { return }
        #expect(event?["content"] == [:], "\(place)")
        #expect(event?.text.contains("secret") == false, "\(place)")
    }

    /// Asks everything that reads history.
    private static func check(
        _ text: String, _ edit: String, _ later: String, in room: String, for reader: MatrixClient, sees: Bool
    ) async throws {
        let name = reader.userID
        check(try await reader.get("/rooms/\(room)/event/\(text)").json, isShown: sees, "\(name): event")
        let page = try await reader.get("/rooms/\(room)/messages", query: ["dir": "b", "limit": "50"])
        check(events(page).first { $0["event_id"] == .string(text) }, isShown: sees, "\(name): messages")
        #expect(page.json.text.contains("secret of bob"))
        let joins = events(page).filter { $0["content", "membership"] == "join" }
        #expect(joins.contains { $0["state_key"]?.stringValue?.hasPrefix("@alice:") == true }, "that she was there is told")
        #expect(joins.contains { $0["content", "displayname"] == "Alice Liddell" } == sees)
        let context = try await reader.get("/rooms/\(room)/context/\(later)", query: ["limit": "20"])
        let before = context["events_before"]?.arrayValue ?? []
        check(before.first { $0["event_id"] == .string(text) }, isShown: sees, "\(name): context")
        let relations = try await reader.get("/_matrix/client/v1/rooms/\(room)/relations/\(text)")
        #expect(events(relations).map { $0["event_id"] } == [.string(edit)])
        #expect(relations.json.text.contains("secret") == sees, "\(name): relations")
    }

    @Test("without erase nothing is redacted; a value that is none is refused; account data goes either way")
    func withoutErase() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let carol = try await hearth.client.register("carol")
            let room = try await bob.createRoom(["preset": "public_chat"])
            try await alice.join(room)
            let text = try await alice.sendText("hello", to: room)
            #expect(try await alice.post("/account/deactivate", ["erase": "yes"], expecting: 400).errorCode == "M_BAD_JSON")
            try await Self.end(alice, erase: false)
            try await carol.join(room)
            #expect(try await carol.get("/rooms/\(room)/event/\(text)")["content", "body"] == "hello")
        }
    }
}

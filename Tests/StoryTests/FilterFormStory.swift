import HearthTestKit
import MatrixModel
import Testing

@Suite("Filters that ask for other events")
struct FilterFormStory {
    @Test("event_fields and the federation format hold in every sync: the first, the next, and one that was held")
    func forms() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            let first = try await alice.sendText("one", to: room)
            let fields: JSON = [
                "event_fields": ["content.body", "event_id", "origin_server_ts", "sender", "type"],
                "room": ["state": ["types": []], "timeline": ["types": ["m.room.message"]]],
            ]
            let federation: JSON = ["event_format": "federation"]
            let stored = try await bob.post("/user/\(bob.userID)/filter", fields).string("filter_id")

            func checkFields(_ event: JSON?, id: String, body: String) {
                let keys = event?.objectValue?.keys.map { $0 }
                #expect(keys == ["content", "event_id", "origin_server_ts", "sender", "type"])
                #expect(event?["content"] == ["body": .string(body)] && event?["event_id"] == .string(id))
            }

            let start = try await bob.sync(setPresence: "offline", filter: fields)
            checkFields(start.timeline(of: room).last, id: first, body: "one")
            let raw = try await bob.sync(setPresence: "offline", filter: federation)
            check(raw.timeline(of: room).last, id: first, room: room)
            let states = (raw.state(of: room) + raw.timeline(of: room)).ofType("m.room.member", stateKey: bob.userID)
            #expect(states.last?["auth_events"]?.arrayValue?.isEmpty == false)

            async let heldFields = bob.get("/sync", query: ["since": start.nextBatch, "timeout": "10000", "filter": stored])
            async let heldRaw = bob.sync(since: start.nextBatch, timeout: 10_000, setPresence: "offline", filter: federation)
            let second = try await alice.sendText("two", to: room)
            let answer = try await heldFields
            checkFields(answer["rooms", "join", room, "timeline", "events"]?.arrayValue?.last, id: second, body: "two")
            check(try await heldRaw.timeline(of: room).last, id: second, room: room)

            try await alice.put("/rooms/\(room)/redact/\(first)/r1", [:])
            let redacted = try await bob.sync(setPresence: "offline", filter: federation)
            let gone = redacted.timeline(of: room).first { $0["event_id"] == .string(first) }
            #expect(gone?["content"] == [:] && gone?["hashes"] != nil)
        }
    }

    private func check(_ event: JSON?, id: String, room: String) {
        #expect(event?["event_id"] == .string(id) && event?["room_id"] == .string(room))
        for key in ["auth_events", "prev_events", "hashes", "signatures", "depth"] { #expect(event?[key] != nil, "\(key)") }
    }

    @Test("another word is refused where the filter is stored and where it is given")
    func otherWords() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            for filter in [["event_format": "raw"], ["event_fields": "type"], ["event_fields": [5]]] as [JSON] {
                let stored = try await alice.post("/user/\(alice.userID)/filter", filter, expecting: 400)
                #expect(stored.errorCode == "M_BAD_JSON")
                let given = try await alice.get("/sync", query: ["filter": filter.text], expecting: 400)
                #expect(given.errorCode == "M_BAD_JSON")
            }
        }
    }
}

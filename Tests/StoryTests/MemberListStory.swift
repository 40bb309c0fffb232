import HearthTestKit
import MatrixModel
import Testing

@Suite("Lists of members")
struct MemberListStory {
    /// A room of alice with a joined bob, an invited carol and dave, who has left.
    private func story(
        _ body: (_ alice: MatrixClient, _ bob: MatrixClient, _ room: String, _ beforeDaveLeft: String) async throws -> Void
    ) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let carol = try await hearth.client.register("carol")
            let dave = try await hearth.client.register("dave")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            try await dave.join(room)
            try await alice.invite(carol.userID, to: room)
            let token = try await alice.sync(setPresence: "offline").nextBatch
            try await dave.leave(room)
            try await body(alice, bob, room, token)
        }
    }

    private static func members(_ room: String, by client: MatrixClient, _ query: [String: String]) async throws -> Set<String> {
        let chunk = try await client.get("/rooms/\(room)/members", query: query)["chunk"]?.arrayValue ?? []
        return Set(chunk.compactMap { $0["state_key"]?.stringValue.map { String($0.dropFirst().prefix { $0 != ":" }) } })
    }

    @Test("members are listed by membership, now and at a token; of two conditions either is enough")
    func filters() async throws {
        try await story { alice, _, room, token in
            let cases: [([String: String], Set<String>)] = [
                ([:], ["alice", "bob", "carol", "dave"]), (["membership": "join"], ["alice", "bob"]),
                (["not_membership": "join"], ["carol", "dave"]), (["not_membership": "leave"], ["alice", "bob", "carol"]),
                (["membership": "invite", "not_membership": "join"], ["carol", "dave"]),
                (["membership": "join", "not_membership": "leave"], ["alice", "bob", "carol"]),
                (["membership": "join", "at": token], ["alice", "bob", "dave"]), (["membership": "leave", "at": token], []),
            ]
            for (query, expected) in cases {
                let members = try await Self.members(room, by: alice, query)
                #expect(members == expected, "\(query)")
            }
        }
    }

    @Test("a client that loads members lazily gets those who are seen to act and those by whom the room is called")
    func lazyLoading() async throws {
        try await story { alice, bob, room, _ in
            try await alice.sendText("hello", to: room)
            for redundant in [false, true] {
                let filter: JSON = [
                    "room": [
                        "state": ["lazy_load_members": true, "include_redundant_members": .bool(redundant)],
                        "timeline": ["limit": 1],
                    ]
                ]
                let sync = try await bob.sync(setPresence: "offline", filter: filter)
                let members = Set(sync.state(of: room).ofType("m.room.member").compactMap { $0["state_key"]?.stringValue })
                #expect(members == ["@alice:localhost", "@bob:localhost", "@carol:localhost"])
                #expect(sync["rooms", "join", room, "summary", "m.heroes"] == ["@alice:localhost", "@carol:localhost"])
                #expect(sync["rooms", "join", room, "summary", "m.invited_member_count"] == 1)
            }
            let bad: JSON = ["room": ["state": ["include_redundant_members": 1]]]
            let refused = try await bob.get("/sync", query: ["filter": bad.text], expecting: 400)
            #expect(refused.errorCode == "M_BAD_JSON")
        }
    }

    @Test("a context has the event, as many around it as asked for, and the state at the last of them")
    func context() async throws {
        try await story { alice, bob, room, _ in
            var events: [String] = []
            for number in 0..<6 { events.append(try await alice.sendText("\(number)", to: room)) }
            try await alice.setState("m.room.topic", ["topic": "afterwards"], in: room)
            func context(_ query: [String: String]) async throws -> MatrixResponse {
                try await bob.get("/rooms/\(room)/context/\(events[2])", query: query)
            }
            func ids(_ response: MatrixResponse, _ key: String) -> [String] {
                (response[key]?.arrayValue ?? []).compactMap { $0["event_id"]?.stringValue }
            }
            let four = try await context(["limit": "4"])
            #expect(four["event", "event_id"] == .string(events[2]))
            #expect(ids(four, "events_before") == [events[1], events[0]])
            #expect(ids(four, "events_after") == [events[3], events[4]])
            #expect(four["state"]?.arrayValue?.ofType("m.room.topic").isEmpty == true)
            let older = try await bob.get(
                "/rooms/\(room)/messages", query: ["dir": "b", "limit": "1", "from": try four.string("start")])
            #expect(older["chunk"]?.arrayValue?.first?["type"] == "m.room.member")
            let newer = try await bob.get(
                "/rooms/\(room)/messages", query: ["dir": "f", "limit": "1", "from": try four.string("end")])
            #expect(ids(newer, "chunk") == [events[5]])
            let none = try await context(["limit": "0"])
            #expect(ids(none, "events_before") == [] && ids(none, "events_after") == [])
            #expect(none["event", "event_id"] == .string(events[2]))
            let filtered = try await context(["filter": #"{"types":["m.room.topic"]}"#])
            #expect(ids(filtered, "events_before") == [] && ids(filtered, "events_after").count == 1)
            #expect(filtered["state"]?.arrayValue?.compactMap { $0["type"]?.stringValue } == ["m.room.topic"])
            let lazy = try await context(["limit": "2", "filter": #"{"lazy_load_members":true}"#])
            let members = lazy["state"]?.arrayValue?.ofType("m.room.member").compactMap { $0["state_key"]?.stringValue }
            #expect(Set(members ?? []) == ["@alice:localhost", "@bob:localhost"])
        }
    }
}

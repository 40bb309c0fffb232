import HearthTestKit
import MatrixModel
import Testing

/// State that a room's history visibility hides from the timeline comes all the same.
@Suite("State behind hidden history")
struct HiddenStateStory {
    static let encryption: JSON = ["algorithm": "m.megolm.v1.aes-sha2"]

    static func room(of alice: MatrixClient, visibility: String) async throws -> String {
        try await alice.createRoom([
            "preset": "private_chat",
            "initial_state": [
                ["type": "m.room.history_visibility", "state_key": "", "content": ["history_visibility": .string(visibility)]]
            ],
        ])
    }

    @Test(
        "what changed between an invitation and the join reaches who joins, and what changed between a leave and the next join",
        arguments: ["joined", "invited", "shared", "world_readable"])
    func joined(visibility: String) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await Self.room(of: alice, visibility: visibility)
            var clients = SyncedRoom.Form.allCases.map { SyncedRoom(bob, room, form: $0) }
            for index in clients.indices { try await clients[index].sync() }
            try await alice.invite(bob.userID, to: room)
            try await alice.setState("m.room.topic", ["topic": "before encryption"], in: room)
            try await alice.setState("m.room.encryption", Self.encryption, in: room)
            try await bob.join(room)
            try await alice.sendText("hello", to: room)
            func check(_ comment: Comment) async throws {
                for index in clients.indices {
                    try await clients[index].sync()
                    try await clients[index].expectTruth(comment)
                    var fresh = SyncedRoom(bob, room, form: clients[index].form, filter: ["room": ["include_leave": true]])
                    try await fresh.sync()
                    try await fresh.expectTruth("\(comment), initial")
                    #expect(fresh.content("m.room.encryption") == Self.encryption)
                }
            }
            try await check("joined")

            try await bob.leave(room)
            try await check("left")
            try await alice.setState("m.room.topic", ["topic": "while away"], in: room)
            try await alice.setState("m.room.name", ["name": "Den"], in: room)
            try await alice.invite(bob.userID, to: room)
            try await bob.join(room)
            try await check("joined again")

            // The same in one gap.
            try await bob.leave(room)
            try await alice.setState("m.room.topic", ["topic": "in the gap"], in: room)
            try await alice.invite(bob.userID, to: room)
            try await bob.join(room)
            try await alice.setState("m.room.name", ["name": "Attic"], in: room)
            try await check("left and joined again")
        }
    }

    @Test("a newcomer to a shared room gets the state of a stretch that was for members alone")
    func newcomer() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await Self.room(of: alice, visibility: "shared")
            try await alice.setState("m.room.topic", ["topic": "open"], in: room)
            try await alice.setState("m.room.history_visibility", ["history_visibility": "joined"], in: room)
            try await alice.setState("m.room.encryption", Self.encryption, in: room)
            try await alice.setState("m.room.topic", ["topic": "closed"], in: room)
            try await alice.sendText("secret", to: room)
            try await alice.setState("m.room.history_visibility", ["history_visibility": "shared"], in: room)
            try await alice.invite(bob.userID, to: room)
            try await bob.join(room)
            for form in SyncedRoom.Form.allCases {
                for limit in [1, 2, 4, 6, 50] {
                    var client = SyncedRoom(
                        bob, room, form: form, filter: ["room": ["timeline": ["limit": .integer(Int64(limit))]]])
                    try await client.sync()
                    try await client.expectTruth("\(form), limit \(limit)")
                    #expect(client.timeline.count <= limit)
                    #expect(client.timeline.ofType("m.room.message").isEmpty)
                }
            }
        }
    }

    @Test("a peek gets the state of a stretch that was not for everybody, and what is new after it")
    func peek() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await Self.room(of: alice, visibility: "world_readable")
            try await alice.setState("m.room.topic", ["topic": "open"], in: room)
            try await alice.setState("m.room.history_visibility", ["history_visibility": "joined"], in: room)
            try await alice.setState("m.room.topic", ["topic": "closed"], in: room)
            try await alice.setState("m.room.name", ["name": "Den"], in: room)
            try await alice.setState("m.room.history_visibility", ["history_visibility": "world_readable"], in: room)
            try await bob.peek(room)
            for form in SyncedRoom.Form.allCases {
                var client = SyncedRoom(bob, room, form: form)
                try await client.sync()
                #expect(client.sections == ["peek"])
                try await client.expectTruth("\(form)")
                try await alice.setState("m.room.name", ["name": .string("\(form)")], in: room)
                try await client.sync()
                try await client.expectTruth("\(form), news")
            }
        }
    }

    @Test("who left and was banned later learns of the ban, and of nothing in between", arguments: [false, true])
    func bannedAfterLeaving(restarts: Bool) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await Self.room(of: alice, visibility: "shared")
            try await alice.invite(bob.userID, to: room)
            try await bob.join(room)
            var clients = SyncedRoom.Form.allCases.map { SyncedRoom(bob, room, form: $0) }
            for index in clients.indices { try await clients[index].sync() }
            try await alice.setState("m.room.topic", ["topic": "seen"], in: room)
            try await bob.leave(room)
            try await alice.setState("m.room.topic", ["topic": "unseen"], in: room)
            try await alice.post("/rooms/\(room)/ban", ["user_id": .string(bob.userID)])
            if restarts { try await hearth.restart() }
            for index in clients.indices {
                try await clients[index].sync()
                #expect(clients[index].sections == ["leave"])
                #expect(clients[index].content("m.room.topic") == ["topic": "seen"])
                #expect(clients[index].content("m.room.member", key: bob.userID)?["membership"] == "ban")
                try await clients[index].expectTruth("\(clients[index].form)")
            }
        }
    }
}

import HearthTestKit
import MatrixModel
import Testing

/// What a user was notified of, over real HTTP.
@Suite("Notifications")
struct NotificationStory {
    private func page(_ client: MatrixClient, _ query: [String: String] = [:]) async throws -> (ids: [String], json: JSON) {
        let json = try await client.get("/notifications", query: query).json
        return (json["notifications"]?.arrayValue?.compactMap { $0["event", "event_id"]?.stringValue } ?? [], json)
    }

    @Test("others' messages are told, the newest first, with what they meant and whether they were read")
    func messages() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            let muted = try await alice.createRoom(["preset": "public_chat"])
            try await alice.sendText("before bob came", to: room)
            try await bob.join(room)
            try await bob.join(muted)
            try await bob.put("/pushrules/global/room/\(muted)", ["actions": []])
            #expect(try await page(bob).json == ["notifications": []])
            let first = try await alice.sendText("hello all", to: room)
            try await alice.sendText("unheard", to: muted)
            try await bob.sendText("my own", to: room)
            let second = try await alice.sendText("hello bob", to: room)

            let (ids, json) = try await page(bob)
            #expect(ids == [second, first])
            #expect(json["next_token"] == nil)
            let entries = try #require(json["notifications"]?.arrayValue)
            #expect(entries.map { $0["actions"] } == [["notify", ["set_tweak": "highlight"]], ["notify"]])
            #expect(entries.allSatisfy { $0["room_id"] == .string(room) && $0["ts"] == $0["event", "origin_server_ts"] })
            #expect(entries.first?["event", "content", "body"] == "hello bob")
            // Bob wrote after the first: that one he has read.
            #expect(entries.map { $0["read"] } == [false, true])
            try await bob.sendReceipt(for: second, in: room)
            #expect(try await page(bob).json["notifications"]?.arrayValue?.map { $0["read"] } == [true, true])
            #expect(try await page(bob, ["only": "highlight"]).ids == [second])
            #expect(try await page(alice).ids.count == 1, "Bob's own message")

            try await hearth.restart()
            #expect(try await page(bob).ids == [second, first])
            try await bob.put("/profile/\(bob.userID)/displayname", ["displayname": "Bobby"])
            #expect(try await page(bob).ids == [second, first], "another name is no new arrival")
            try await bob.post("/rooms/\(room)/leave", [:])
            #expect(try await page(bob).ids.isEmpty)
        }
    }

    @Test("pages come one after the other without a gap, over several rooms and past muted ones, and an invitation is among them")
    func pages() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            var rooms: [String] = []
            for _ in 0..<3 {
                rooms.append(try await alice.createRoom(["preset": "public_chat"]))
                try await bob.join(rooms[rooms.count - 1])
            }
            try await bob.put("/pushrules/global/room/\(rooms[2])", ["actions": []])
            var expected: [String] = []
            for number in 0..<120 {
                try await alice.sendText("unheard", to: rooms[2])
                let id = try await alice.sendText("\(number)", to: rooms[number % 10 == 0 ? 1 : 0])
                expected.insert(id, at: 0)
            }
            let invitation = try await alice.createRoom(["preset": "private_chat", "invite": [.string(bob.userID)]])
            for limit in ["7", "1000"] {
                var (found, from, pageCount): ([String], String?, Int) = ([], nil, 0)
                repeat {
                    var query = ["limit": limit]
                    query["from"] = from
                    let (ids, json) = try await page(bob, query)
                    #expect(ids.count <= 100)
                    if from == nil {
                        let newest = json["notifications"]?.arrayValue?.first
                        #expect(
                            newest?["event", "content", "membership"] == "invite" && newest?["room_id"] == .string(invitation))
                        #expect(newest?["read"] == false)
                    }
                    found += ids
                    from = json["next_token"]?.stringValue
                    pageCount += 1
                } while from != nil && pageCount < 50
                #expect(Array(found.dropFirst()) == expected, "limit \(limit)")
            }
        }
    }
}

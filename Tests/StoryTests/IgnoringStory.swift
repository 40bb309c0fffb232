import HearthTestKit
import MatrixModel
import Testing

/// What ignoring takes away on each road, from when on, and what it leaves as it is.
@Suite("Ignored users")
struct IgnoringStory {
    private static func story(_ body: (HearthProcess, IgnoringScene) async throws -> Void) async throws {
        try await withHearth { hearth in try await body(hearth, IgnoringScene(hearth)) }
    }

    @Test("messages of an ignored user are in no sync of any device; state, members and what others send are")
    func sync() async throws {
        try await Self.story { hearth, scene in
            try await scene.bob.sendText("before", to: scene.room)
            let start = try await scene.next(scene.alice, since: scene.fresh(scene.alice).nextBatch)
            let stale = try await scene.fresh(scene.laptop).nextBatch
            try await scene.bob.sendText("unseen", to: scene.room)
            try await scene.ignore(scene.bob)
            try await scene.bob.sendText("ignored", to: scene.room)
            try await scene.bob.send("m.reaction", ["body": "reaction"], to: scene.room)
            async let held = scene.alice.syncUntil(since: start.nextBatch) { !scene.told($0).isEmpty }
            try await scene.carol.sendText("hello", to: scene.room)
            #expect(try await scene.told(held) == ["hello"])
            // Of the laptop, which knew nothing of it, too: at once.
            let late = try await scene.next(scene.laptop, since: stale)
            #expect(scene.told(late) == ["hello"])
            #expect(late.json.events(at: "account_data").ofType(IgnoringScene.type).count == 1)
            try await scene.bob.put("/profile/\(scene.bob.userID)/displayname", ["displayname": "Robert"])
            let named = try await scene.next(scene.laptop, since: late.nextBatch)
            #expect(named.timeline(of: scene.room).contents.map { $0["displayname"] } == ["Robert"])
            for restarted in [false, true] {
                if restarted { try await hearth.restart() }
                let fresh = try await scene.fresh(scene.laptop)
                #expect(scene.told(fresh) == ["hello"], "restarted: \(restarted)")
                #expect(fresh["rooms", "join", scene.room, "summary", "m.joined_member_count"] == 3)
                #expect(try await scene.told(scene.fresh(scene.carol)) == ["before", "unseen", "ignored", "reaction", "hello"])
            }
        }
    }

    @Test("a held sync sleeps over what an ignored user sends")
    func held() async throws {
        try await Self.story { _, scene in
            try await scene.ignore(scene.bob)
            let start = try await scene.fresh(scene.alice)
            async let held = scene.next(scene.alice, since: start.nextBatch, timeout: 1_000)
            try await scene.bob.sendText("one", to: scene.room)
            try await scene.bob.putTyping(in: scene.room, for: 30_000)
            let event = try await scene.bob.sendText("two", to: scene.room)
            try await scene.bob.sendReceipt(for: event, in: scene.room)
            try await scene.bob.invite(scene.alice.userID, to: scene.bob.createRoom())
            let answer = try await held
            #expect(IgnoringScene.isQuiet(answer), "\(answer.json.text)")
        }
    }

    @Test("when ignoring ends, what comes from then on is told to all devices, and what was missed by a fresh sync alone")
    func ends() async throws {
        try await Self.story { hearth, scene in
            let stale = try await scene.fresh(scene.laptop).nextBatch
            try await scene.ignore(scene.bob)
            let start = try await scene.fresh(scene.alice).nextBatch
            try await scene.bob.sendText("missed", to: scene.room)
            let missed = try await scene.bob.createRoom(["invite": [.string(scene.alice.userID)]])
            try await scene.ignore()
            try await scene.bob.sendText("told", to: scene.room)
            for restarted in [false, true] {
                if restarted { try await hearth.restart() }
                for (client, since) in [(scene.alice, start), (scene.laptop, stale)] {
                    let answer = try await scene.next(client, since: since)
                    #expect(scene.told(answer) == ["told"], "restarted: \(restarted)")
                    #expect(answer["rooms", "invite"] == nil)
                    #expect(answer.unreadCount(of: scene.room) == 1)
                }
            }
            let fresh = try await scene.fresh(scene.alice)
            #expect(scene.told(fresh) == ["missed", "told"] && fresh["rooms", "invite", missed] != nil)
        }
    }

    @Test("what one reads of a room has no event of an ignored user but state, and there is no such event to be had")
    func reads() async throws {
        try await Self.story { _, scene in
            let room = scene.room
            let theirs = try await scene.bob.sendText("bob's", to: room)
            let ours = try await scene.carol.sendText("carol's", to: room)
            func relate(_ client: MatrixClient, to event: String) async throws -> String {
                try await client.send(
                    "m.room.message",
                    .pairs(
                        ("body", .string("to \(event)")),
                        ("m.relates_to", .pairs(("rel_type", "m.thread"), ("event_id", .string(event))))), to: room)
            }
            let answer = try await relate(scene.bob, to: ours)
            let answered = try await relate(scene.carol, to: answer)
            let name = try await scene.bob.setState("org.example.state", ["by": "bob"], in: room)
            func ids(_ client: MatrixClient, _ path: MatrixPath, _ key: String, query: [String: String] = [:]) async throws
                -> Set<String>
            {
                Set(
                    try await client.get(path, query: query).json[key]?.arrayValue?.compactMap { $0["event_id"]?.stringValue }
                        ?? [])
            }
            let all: Set<String> = [theirs, ours, answer, answered]
            for ignores in [true, false] {
                if ignores { try await scene.ignore(scene.bob) } else { try await scene.ignore() }
                let hidden: Set<String> = ignores ? [theirs, answer] : []
                let shown = all.subtracting(hidden)
                for direction in ["b", "f"] {
                    let page = try await ids(
                        scene.alice, "/rooms/\(room)/messages", "chunk", query: ["dir": direction, "limit": "100"])
                    #expect(page.intersection(all) == shown && page.contains(name))
                }
                let context: MatrixPath = "/rooms/\(room)/context/\(ours)"
                let around = try await ids(scene.alice, context, "events_before").union(ids(scene.alice, context, "events_after"))
                #expect(around.intersection(all) == shown.subtracting([ours]) && around.contains(name))
                for event in all {
                    let status = hidden.contains(event) ? 404 : 200
                    for what in ["event", "context"] {
                        _ = try await scene.alice.get("/rooms/\(room)/\(what)/\(event)", expecting: status)
                    }
                    _ = try await scene.alice.get("/_matrix/client/v1/rooms/\(room)/relations/\(event)", expecting: status)
                }
                _ = try await scene.alice.get("/rooms/\(room)/event/\(name)")
                let relations: MatrixPath = "/_matrix/client/v1/rooms/\(room)/relations/\(ours)"
                #expect(try await ids(scene.alice, relations, "chunk") == (ignores ? [] : [answer]))
                #expect(
                    try await ids(scene.alice, relations, "chunk", query: ["recurse": "true"])
                        == Set([answer, answered]).subtracting(hidden))
                #expect(try await ids(scene.carol, relations, "chunk") == [answer])
            }
        }
    }

    @Test("invitations of an ignored user are told nowhere, and those of others are")
    func invitations() async throws {
        try await Self.story { hearth, scene in
            let standing = try await scene.bob.createRoom(["invite": [.string(scene.alice.userID)]])
            let start = try await scene.fresh(scene.alice)
            #expect(start["rooms", "invite", standing] != nil)
            try await scene.ignore(scene.bob)
            let ignored = try await scene.bob.createRoom(["invite": [.string(scene.alice.userID)]])
            let other = try await scene.carol.createRoom(["invite": [.string(scene.alice.userID)]])
            func invites(_ response: SyncResponse) -> Set<String> {
                Set(response["rooms", "invite"]?.objectValue?.keys.map { $0 } ?? [])
            }
            for restarted in [false, true] {
                if restarted { try await hearth.restart() }
                #expect(try await invites(scene.next(scene.alice, since: start.nextBatch)) == [other])
                #expect(try await invites(scene.fresh(scene.laptop)) == [other])
                let rooms = try await scene.alice.get("/notifications").json["notifications"]?.arrayValue?.map { $0["room_id"] }
                #expect(rooms == [.string(other)])
            }
            // The invitation stands: whoever knows the room may take it.
            try await scene.alice.join(ignored)
        }
    }

    @Test("that an invitation is taken back is told where the client may show it, and not where it was hidden all the time")
    func invitationsTakenBack() async throws {
        try await Self.story { hearth, scene in
            func invite() async throws -> String { try await scene.bob.createRoom(["invite": [.string(scene.alice.userID)]]) }
            func takeBack(_ room: String) async throws {
                try await scene.bob.post("/rooms/\(room)/kick", ["user_id": .string(scene.alice.userID)])
            }
            func left(_ response: SyncResponse) -> Set<String> {
                Set(response["rooms", "leave"]?.objectValue?.keys.map { $0 } ?? [])
            }
            let shown = try await invite()
            var start = try await scene.fresh(scene.alice)
            #expect(start["rooms", "invite", shown] != nil)
            try await scene.ignore(scene.bob)
            let hidden = try await invite()
            let between = try await scene.next(scene.alice, since: start.nextBatch)
            let held = Task { try await scene.next(scene.alice, since: between.nextBatch, timeout: 400) }
            try await takeBack(hidden)
            let answer = try await held.value
            #expect(IgnoringScene.isQuiet(answer), "\(answer.json.text)")
            try await takeBack(shown)
            for restarted in [false, true] {
                if restarted { try await hearth.restart() }
                #expect(try await left(scene.next(scene.alice, since: start.nextBatch)) == [shown])
                let whole = try await scene.laptop.sync(setPresence: "offline", filter: ["room": ["include_leave": true]])
                #expect(left(whole).isDisjoint(with: [shown, hidden]))
            }
            // The room is no secret to who begins to look at it again.
            try await scene.ignore()
            start = try await scene.fresh(scene.alice)
            try await scene.bob.invite(scene.alice.userID, to: hidden)
            #expect(try await scene.next(scene.alice, since: start.nextBatch)["rooms", "invite", hidden] != nil)
        }
    }

    @Test("typing and receipts of an ignored user are not told; whoever was typing stops at once")
    func typingAndReceipts() async throws {
        try await Self.story { _, scene in
            let event = try await scene.carol.sendText("read this", to: scene.room)
            try await scene.bob.putTyping(in: scene.room, for: 30_000)
            let start = try await scene.fresh(scene.alice)
            #expect(start.typing(in: scene.room) == [scene.bob.userID])
            try await scene.ignore(scene.bob)
            let begun = try await scene.next(scene.alice, since: start.nextBatch)
            #expect(begun.typing(in: scene.room) == [])
            try await scene.bob.sendReceipt(for: event, in: scene.room)
            try await scene.bob.putTyping(in: scene.room, for: nil)
            let quiet = try await scene.next(scene.alice, since: begun.nextBatch)
            #expect(quiet["rooms", "join"] == nil, "\(quiet.json.text)")
            try await scene.carol.sendReceipt("m.read", for: event, in: scene.room)
            try await scene.carol.putTyping(in: scene.room, for: 30_000)
            let others = try await scene.next(scene.alice, since: quiet.nextBatch)
            #expect(others.typing(in: scene.room) == [scene.carol.userID])
            #expect(others.receipt(of: scene.carol.userID, for: event, in: scene.room) != nil)
            #expect(others.receipt(of: scene.bob.userID, for: event, in: scene.room) == nil)
            #expect(try await scene.fresh(scene.laptop).receipt(of: scene.bob.userID, for: event, in: scene.room) == nil)
            #expect(try await scene.fresh(scene.carol).receipt(of: scene.bob.userID, for: event, in: scene.room) != nil)
            try await scene.ignore()
            let ended = try await scene.next(scene.alice, since: others.nextBatch)
            #expect(ended.receipt(of: scene.bob.userID, for: event, in: scene.room) == nil, "missed")
            #expect(try await scene.fresh(scene.laptop).receipt(of: scene.bob.userID, for: event, in: scene.room) != nil)
        }
    }

    @Test("messages to devices and keys come as ever")
    func toDevice() async throws {
        try await Self.story { _, scene in
            try await scene.ignore(scene.bob)
            let start = try await scene.fresh(scene.alice)
            try await scene.bob.put(
                "/sendToDevice/m.room_key_request/1",
                .pairs(("messages", .pairs((scene.alice.userID, .pairs((scene.alice.deviceID, ["a": 1])))))))
            let answer = try await scene.next(scene.alice, since: start.nextBatch)
            #expect(answer.json.events(at: "to_device").map { $0["sender"] } == [.string(scene.bob.userID)])
        }
    }
}

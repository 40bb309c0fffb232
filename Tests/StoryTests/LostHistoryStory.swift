import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// Servers that go on from a copy of their database, and clients that saw what came after it.
@Suite("Lost history")
struct LostHistoryStory {
    enum Copy: String, CaseIterable, CustomTestStringConvertible {
        case restore, files

        var testDescription: String { self == .restore ? "hearth restore" : "files that are copied back" }
    }

    /// Copies the server's data, has it go on, and then puts another server on the copy.
    private func story(
        _ way: Copy, arrange: (HearthProcess) async throws -> Void, lose: () async throws -> Void,
        then: (HearthProcess) async throws -> Void
    ) async throws {
        // Without the old way to presence, which would be news at any time.
        try await withHearth(settings: ["legacy.enabled": "false", "push.allow_private": "true"]) { hearth in
            try await arrange(hearth)
            let copy = hearth.path("copy")
            switch way {
            case .restore: _ = try await hearth.command(["backup", hearth.path("backup.tar")])
            case .files:
                try await hearth.terminate()
                try FileManager.default.copyItem(atPath: hearth.dataDirectory.path, toPath: copy)
                try await hearth.start()
            }
            try await lose()
            try await hearth.terminate()
            if way == .restore {
                let restored = try await hearth.run(["restore", hearth.path("backup.tar"), "--data", copy])
                #expect(restored.status == 0, "\(restored)")
            }
            try FileManager.default.removeItem(at: hearth.dataDirectory)
            try FileManager.default.moveItem(atPath: copy, toPath: hearth.dataDirectory.path)
            try await hearth.start()
            try await then(hearth)
        }
    }

    @Test(
        "a device that saw events which are gone is told everything anew, and nothing that came since is missing",
        arguments: Copy.allCases)
    func returns(way: Copy) async throws {
        var (people, rooms, tokens): ([MatrixClient], [String], [String]) = ([], [], [])
        try await story(way) { hearth in
            people = [try await hearth.client.register("alice"), try await hearth.client.register("bob")]
            let (alice, bob) = (people[0], people[1])
            rooms = [
                try await alice.createRoom(["preset": "public_chat"]), try await alice.createRoom(["preset": "public_chat"]),
            ]
            for room in rooms { try await bob.join(room) }
            for person in people { try await person.uploadKeys(["device_keys": .object(person.deviceKeys())]) }
            tokens = [try await bob.sync(setPresence: "offline").nextBatch]
        } lose: {
            for number in 0..<40 { try await people[0].sendText("lost \(number)", to: rooms[0]) }
            try await people[1].setAccountData("org.example.kept", ["n": 1])
            tokens.append(try await people[1].sync(since: tokens[0], setPresence: "offline").nextBatch)
        } then: { _ in
            let (alice, bob) = (people[0], people[1])
            try await bob.setAccountData("org.example.kept", ["n": 2])
            try await alice.sendToDevice(
                "m.dummy", .pairs((bob.userID, .pairs((bob.deviceID, ["n": 1])))), transactionID: "t")
            try await alice.post("/rooms/\(rooms[1])/kick", ["user_id": .string(bob.userID)])
            for number in 0..<60 { try await alice.sendText("new \(number)", to: rooms[0]) }

            // Twice: that the client asks again acknowledges nothing.
            for _ in 0..<2 {
                let anew = try await bob.sync(since: tokens[1], setPresence: "offline")
                #expect(anew["rooms", "join", rooms[0], "timeline", "limited"] == true)
                #expect(anew.state(of: rooms[0]).contains { $0["type"] == "m.room.create" })
                #expect(anew.timeline(of: rooms[0]).last?["content", "body"] == "new 59")
                #expect(anew.timeline(of: rooms[1], in: "leave").last?["content", "membership"] == "leave")
                #expect(Set(anew.changedDeviceLists) == [alice.userID, bob.userID])
                #expect(anew.toDevice.map { $0["content", "n"] } == [1])
                let data = anew.json.events(at: "account_data")
                #expect(data.contains { $0["type"] == "org.example.kept" && $0["content", "n"] == 2 })
                #expect(data.contains { $0["type"] == "m.push_rules" })
            }
            let anew = try await bob.sync(since: tokens[1], setPresence: "offline")
            let next = try await bob.sync(since: anew.nextBatch, setPresence: "offline")
            #expect(next.nextBatch == anew.nextBatch && next.toDevice.isEmpty && next.changedDeviceLists.isEmpty)

            // What the copy knows is told as what came since.
            let since = try await bob.sync(
                since: tokens[0], setPresence: "offline", filter: ["room": ["timeline": ["limit": 100]]])
            #expect(since["rooms", "join", rooms[0], "timeline", "limited"] == false)
            #expect(since.timeline(of: rooms[0]).map { $0["content", "body"] } == (0..<60).map { .string("new \($0)") })
            #expect(since.state(of: rooms[0]).isEmpty && since.changedDeviceLists.isEmpty)

            let paths: [MatrixPath] = [
                "/rooms/\(rooms[0])/messages?dir=b&from=\(tokens[1])", "/rooms/\(rooms[0])/messages?dir=b&to=\(tokens[1])",
                "/rooms/\(rooms[0])/members?at=\(tokens[1])", "/notifications?from=\(tokens[1])",
                "/keys/changes?from=\(tokens[1])&to=\(anew.nextBatch)", "/keys/changes?from=\(tokens[0])&to=\(tokens[1])",
            ]
            for path in paths {
                let refused = try await bob.get(path, expecting: 400)
                #expect(refused.errorCode == "M_INVALID_PARAM", "\(path)")
            }
        }
    }

    @Test("what is cut, of another server or past the newest event is no point to continue from")
    func strange() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let room = try await alice.createRoom()
            let token = try await alice.sync(setPresence: "offline").nextBatch
            let parts = token.split(separator: ".")
            try #require(parts.count == 2)
            let position = try #require(Int(parts[0].dropFirst()))
            for lost in [
                "s\(position + 1_000).\(parts[1])", "s\(position).abcdefgh", "s\(position)", "s\(Int64.max).\(parts[1])",
            ] {
                let anew = try await alice.sync(since: lost, setPresence: "offline")
                #expect((anew.state(of: room) + anew.timeline(of: room)).contains { $0["type"] == "m.room.create" }, "\(lost)")
                #expect(anew["rooms", "join", room, "timeline", "limited"] == true)
                _ = try await alice.get("/rooms/\(room)/messages", query: ["dir": "b", "from": lost], expecting: 400)
            }
            for cut in [String(token.dropLast()), "\(parts[0]).", ".\(parts[1])", "\(token)x"] {
                _ = try await alice.get("/sync", query: ["since": cut], expecting: 400)
            }
        }
    }

    @Test("tokens survive restarts and kills; what was committed and not answered yet comes once")
    func kills() async throws {
        try await withHearth(settings: ["legacy.enabled": "false"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            let start = try await bob.sync(setPresence: "offline").nextBatch
            try await hearth.restart()
            let idle = try await bob.sync(since: start, setPresence: "offline")
            #expect(idle.nextBatch == start, "a token with nothing behind it stays as it is")

            var since = start
            var (seen, answered): ([String], Set<String>) = ([], [])
            for round in 0..<3 {
                answered.formUnion(try await sendUntilKilled(alice, room, round, hearth))
                try await hearth.start()
                let news = try await bob.sync(
                    since: since, setPresence: "offline", filter: ["room": ["timeline": ["limit": 500]]])
                #expect(news["rooms", "join", room, "timeline", "limited"] != true)
                #expect(news.state(of: room).isEmpty && news.changedDeviceLists.isEmpty)
                seen += news.timeline(of: room).compactMap { $0["event_id"]?.stringValue }
                since = news.nextBatch
            }
            #expect(Set(seen).count == seen.count && Set(seen).isSuperset(of: answered))
            var (stored, from): ([String], String?) = ([], start)
            while let token = from {
                let page = try await bob.get("/rooms/\(room)/messages", query: ["dir": "f", "from": token, "limit": "100"])
                stored += page["chunk"]?.arrayValue?.compactMap { $0["event_id"]?.stringValue } ?? []
                from = page["end"]?.stringValue
            }
            #expect(stored == seen)
        }
    }

    /// Eight writers, and a kill in the middle of what they do; returns the events that were answered.
    private func sendUntilKilled(
        _ client: MatrixClient, _ room: String, _ round: Int, _ hearth: HearthProcess
    ) async throws -> Set<String> {
        try await withThrowingTaskGroup(of: [String].self) { group in
            for writer in 0..<8 {
                group.addTask {
                    var answered: [String] = []
                    // The connection ends with the server.
                    do {
                        while answered.count < 40 {
                            answered.append(try await client.sendText("\(round) \(writer) \(answered.count)", to: room))
                        }
                    } catch {
                        // The connection ended with the server.
                    }
                    return answered
                }
            }
            try await Task.sleep(for: .milliseconds(40 + 15 * round))
            hearth.kill()
            return Set(try await group.reduce(into: []) { $0 += $1 })
        }
    }

    @Test("a restored server does not send again what was sent before the loss")
    func pushers() async throws {
        try await FakeGateway.with { gateway in
            var (people, room): ([MatrixClient], String) = ([], "")
            try await story(.restore) { hearth in
                people = [try await hearth.client.register("alice"), try await hearth.client.register("bob")]
                room = try await people[0].createRoom(["preset": "public_chat"])
                try await people[1].join(room)
                try await people[1].post(
                    "/pushers/set",
                    [
                        "kind": "http", "app_id": "org.example.app", "pushkey": "key", "app_display_name": "App",
                        "device_display_name": "Phone", "lang": "en", "data": ["url": .string(gateway.url)],
                    ])
                gateway.answer(status: 502)
                try await people[0].sendText("waits while the backup is made", to: room)
                _ = try await gateway.notifications(atLeast: 1)
            } lose: {
                gateway.answer()
                _ = try await gateway.notifications(atLeast: 2)
            } then: { _ in
                let before = gateway.notifications.count
                let event = try await people[0].sendText("new", to: room)
                let after = try await gateway.notifications(atLeast: before + 1)
                #expect(after.dropFirst(before).map { $0["event_id"] } == [.string(event)])
            }
        }
    }
}

import HearthTestKit
import MatrixModel
import Testing

/// Pushers and their gateways, with a gateway on this machine.
@Suite("Pushers")
struct PusherStory {
    private static let local = ["push.allow_private": "true"]

    private func pusher(_ url: String, key: String = "key", format: JSON? = nil, append: Bool = false) -> JSON {
        var data: JSONObject = ["url": .string(url)]
        data["format"] = format
        return [
            "kind": "http", "app_id": "org.example.app", "pushkey": .string(key), "app_display_name": "App",
            "device_display_name": "Phone", "lang": "en", "data": .object(data), "append": .bool(append),
        ]
    }

    private func setPusher(_ client: MatrixClient, _ url: String, key: String = "key", format: JSON? = nil) async throws {
        try await client.post("/pushers/set", pusher(url, key: key, format: format))
    }

    private func pushers(_ client: MatrixClient) async throws -> [JSON] {
        try await client.get("/pushers").json["pushers"]?.arrayValue ?? []
    }

    /// Alice, Bob, and a room of theirs.
    private func scene(_ hearth: HearthProcess) async throws -> (alice: MatrixClient, bob: MatrixClient, room: String) {
        let alice = try await hearth.client.register("alice")
        let bob = try await hearth.client.register("bob")
        let room = try await alice.createRoom(["preset": "public_chat", "name": "Den"])
        try await bob.join(room)
        return (alice, bob, room)
    }

    @Test("a message is pushed whole, with its count; nothing comes of muted rooms, own messages and what came before")
    func message() async throws {
        try await FakeGateway.with { gateway in
            try await withHearth(settings: Self.local) { hearth in
                let (alice, bob, room) = try await scene(hearth)
                let muted = try await alice.createRoom(["preset": "public_chat"])
                try await bob.join(muted)
                try await bob.put("/pushrules/global/room/\(muted)", ["actions": []])
                try await alice.sendText("before", to: room)
                try await setPusher(bob, gateway.url)
                try await alice.sendText("psst", to: muted)
                let event = try await alice.sendText("hello bob", to: room)
                let first = try #require(try await gateway.notifications(atLeast: 1).first)
                #expect(
                    first["event_id"] == .string(event) && first["room_id"] == .string(room) && first["type"] == "m.room.message")
                #expect(first["sender"] == .string(alice.userID) && first["room_name"] == "Den" && first["prio"] == "high")
                #expect(first["content", "body"] == "hello bob" && first["counts"] == ["unread": 2])
                let device = try #require(first["devices"]?.arrayValue?.first)
                #expect(device["app_id"] == "org.example.app" && device["pushkey"] == "key" && device["data"] == [:])
                #expect(device["tweaks"] == ["sound": "default", "highlight": true])
                try await bob.sendText("own", to: room)
                let second = try await alice.sendText("last", to: room)
                #expect(try await gateway.notifications(atLeast: 2).map { $0["event_id"] } == [.string(event), .string(second)])
                #expect(gateway.paths.allSatisfy { $0 == "POST /_matrix/push/v1/notify" })
            }
        }
    }

    @Test("with event_id_only nothing of the event goes out, and an invitation is pushed as well")
    func idOnly() async throws {
        try await FakeGateway.with { gateway in
            try await withHearth(settings: Self.local) { hearth in
                let alice = try await hearth.client.register("alice")
                let bob = try await hearth.client.register("bob")
                try await setPusher(bob, gateway.url, format: "event_id_only")
                let room = try await alice.createRoom(["invite": [.string(bob.userID)]])
                let invitation = try #require(try await gateway.notifications(atLeast: 1).first?.objectValue)
                #expect(Array(invitation.keys) == ["devices", "event_id", "prio", "room_id"])
                try await bob.join(room)
                let event = try await alice.sendText("secret", to: room)
                let message = try #require(try await gateway.notifications(atLeast: 2).last?.objectValue)
                #expect(message["event_id"] == .string(event))
                #expect(Array(message.keys) == ["counts", "devices", "event_id", "prio", "room_id"])
            }
        }
    }

    @Test("a rejected key loses its pusher")
    func rejected() async throws {
        try await FakeGateway.with { gateway in
            try await withHearth(settings: Self.local) { hearth in
                let (alice, bob, room) = try await scene(hearth)
                try await setPusher(bob, gateway.url, key: "old")
                try await setPusher(bob, gateway.url, key: "new")
                gateway.answer(rejecting: ["old"])
                try await alice.sendText("hello", to: room)
                _ = try await gateway.notifications(atLeast: 2)
                try await eventually("the rejected pusher is gone") { try await pushers(bob).count == 1 }
                #expect(try await pushers(bob).first?["pushkey"] == "new")
            }
        }
    }

    @Test("a gateway that was down gets everything in order once it is up, after a restart of the server too")
    func retry() async throws {
        try await FakeGateway.with { gateway in
            try await withHearth(settings: Self.local) { hearth in
                let (alice, bob, room) = try await scene(hearth)
                try await setPusher(bob, gateway.url)
                gateway.answer(status: 502)
                let first = try await alice.sendText("one", to: room)
                _ = try await gateway.notifications(atLeast: 1)
                let second = try await alice.sendText("two", to: room)
                hearth.kill()
                let before = gateway.notifications.count
                gateway.answer()
                try await hearth.start()
                let after = try await gateway.notifications(atLeast: before + 2).dropFirst(before)
                #expect(after.map { $0["event_id"] } == [.string(first), .string(second)])
                try await hearth.restart()
                let third = try await alice.sendText("three", to: room)
                _ = try await gateway.notifications(atLeast: before + 3)
                #expect(gateway.notifications.dropFirst(before + 2).map { $0["event_id"] } == [.string(third)])
            }
        }
    }

    @Test("what was read elsewhere meanwhile is not pushed late")
    func readElsewhere() async throws {
        try await FakeGateway.with { gateway in
            try await withHearth(settings: Self.local) { hearth in
                let (alice, bob, room) = try await scene(hearth)
                try await setPusher(bob, gateway.url)
                gateway.answer(status: 500)
                let event = try await alice.sendText("one", to: room)
                _ = try await gateway.notifications(atLeast: 1)
                try await bob.post("/rooms/\(room)/receipt/m.read/\(event)")
                gateway.answer()
                let second = try await alice.sendText("two", to: room)
                try await eventually("the second is pushed") { gateway.notifications.last?["event_id"] == .string(second) }
                #expect(gateway.notifications.last?["counts"] == ["unread": 1])
            }
        }
    }

    @Test("private addresses, names that lead there and redirects are refused")
    func refused() async throws {
        try await FakeGateway.with { gateway in
            try await withHearth { hearth in
                let (alice, bob, room) = try await scene(hearth)
                let port = gateway.port
                let hosts = ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1"]
                for (number, host) in hosts.enumerated() {
                    try await setPusher(bob, "http://\(host):\(port)/_matrix/push/v1/notify", key: "key\(number)")
                }
                try await alice.sendText("hello", to: room)
                try await eventually("the pusher counts as failing") {
                    try await bob.ownPresence()["io.hearth.sources"]?.arrayValue?.first?["pusher"] == false
                }
                #expect(gateway.notifications.isEmpty)
            }
            try await withHearth(settings: Self.local) { hearth in
                let (alice, bob, room) = try await scene(hearth)
                try await setPusher(bob, gateway.url)
                gateway.answer(status: 307, location: gateway.url + "?again")
                try await alice.sendText("hello", to: room)
                _ = try await gateway.notifications(atLeast: 2)
                #expect(gateway.paths.allSatisfy { !$0.contains("again") })
            }
        }
    }

    @Test("a working pusher keeps its user reachable; one that fails does not")
    func presence() async throws {
        let settings = Self.local.merging([
            "presence.device_grace": "200ms", "presence.busy_device_grace": "200ms", "presence.reachable_for": "300ms",
            "presence.settle": "0ms",
        ]) { $1 }
        try await FakeGateway.with { gateway in
            try await withHearth(settings: settings) { hearth in
                let (alice, bob, room) = try await scene(hearth)
                try await setPusher(bob, gateway.url)
                try await eventually("bob is unavailable, and not offline") {
                    try await alice.legacyPresence(of: bob.userID)["presence"] == "unavailable"
                }
                try await Task.sleep(for: .seconds(1))
                #expect(try await alice.legacyPresence(of: bob.userID)["presence"] == "unavailable")
                let view = try await bob.ownPresence()
                #expect(view["io.hearth.reason"] == "reachable")
                #expect(view["io.hearth.sources"]?.arrayValue?.first?["pusher"] == true)
                try await hearth.restart()
                #expect(try await bob.ownPresence()["io.hearth.sources"]?.arrayValue?.first?["pusher"] == true)
                gateway.answer(status: 500)
                try await alice.sendText("hello", to: room)
                try await eventually("bob is offline") {
                    try await alice.legacyPresence(of: bob.userID)["presence"] == "offline"
                }
                gateway.answer()
                try await eventually("bob is reachable again") {
                    try await alice.legacyPresence(of: bob.userID)["presence"] == "unavailable"
                }
            }
        }
    }

    @Test("pushers are listed, changed, moved to who sets them last, and deleted")
    func life() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let url = "https://push.example/_matrix/push/v1/notify"
            #expect(try await pushers(alice) == [])
            try await setPusher(alice, url)
            var expected = try #require(pusher(url).objectValue)
            expected["append"] = nil
            #expect(try await pushers(alice) == [.object(expected)])
            try await alice.post("/pushers/set", pusher(url, key: "other"))
            #expect(try await pushers(alice).count == 2)
            try await bob.post("/pushers/set", pusher(url, append: true))
            #expect(try await pushers(alice).count == 2)
            try await setPusher(bob, url)
            #expect(try await pushers(alice).map { $0["pushkey"] } == ["other"])
            try await alice.post("/pushers/set", ["kind": .null, "app_id": "org.example.app", "pushkey": "other"])
            #expect(try await pushers(alice) == [])
            try await alice.post("/pushers/set", ["kind": .null, "app_id": "org.example.app", "pushkey": "other"])
            #expect(try await pushers(bob).count == 1)
        }
    }

    @Test("pushers end with their device, and other devices' with a new password")
    func ends() async throws {
        try await withHearth { hearth in
            let phone = try await hearth.client.register("alice")
            let tablet = try await hearth.client.login("alice")
            let url = "https://push.example/_matrix/push/v1/notify"
            try await setPusher(phone, url, key: "phone")
            try await setPusher(tablet, url, key: "tablet")
            try await tablet.logOut()
            #expect(try await pushers(phone).map { $0["pushkey"] } == ["phone"])
            let laptop = try await hearth.client.login("alice")
            try await setPusher(laptop, url, key: "laptop")
            let password = "correct horse battery staple"
            let auth: JSON = [
                "type": "m.login.password", "identifier": ["type": "m.id.user", "user": "alice"], "password": .string(password),
            ]
            try await laptop.post(
                "/account/password", ["new_password": "another horse", "logout_devices": false, "auth": auth])
            #expect(try await pushers(laptop).map { $0["pushkey"] } == ["laptop"])
            #expect(try await pushers(phone).count == 1)
        }
    }

    /// Waits until something is so; throws when it is not within twenty seconds.
    private func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, "not within twenty seconds: \(what)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test("a pusher that is set again at once, or while something is under way, gets nothing twice")
    func setAgain() async throws {
        try await FakeGateway.with { gateway in
            try await withHearth(settings: Self.local) { hearth in
                let (alice, bob, room) = try await scene(hearth)
                try await setPusher(bob, gateway.url)
                var sent: [JSON?] = []
                for number in 0..<5 { sent.append(.string(try await alice.sendText("\(number)", to: room))) }
                _ = try await gateway.notifications(atLeast: 5)
                // The last answer is on its way to the server.
                try await Task.sleep(for: .milliseconds(100))
                try await setPusher(bob, gateway.url)
                gateway.answer(after: .milliseconds(400))
                sent.append(.string(try await alice.sendText("under way", to: room)))
                _ = try await gateway.notifications(atLeast: 6)
                try await setPusher(bob, gateway.url)
                gateway.answer(after: .zero)
                sent.append(.string(try await alice.sendText("last", to: room)))
                _ = try await gateway.notifications(atLeast: 7)
                try await Task.sleep(for: .milliseconds(500))
                #expect(gateway.notifications.map { $0["event_id"] } == sent)
            }
        }
    }

    @Test("what is redacted before it could be sent is not sent")
    func redacted() async throws {
        try await FakeGateway.with { gateway in
            try await withHearth(settings: Self.local) { hearth in
                let (alice, bob, room) = try await scene(hearth)
                gateway.answer(after: .milliseconds(500))
                try await setPusher(bob, gateway.url)
                let first = try await alice.sendText("one", to: room)
                let second = try await alice.sendText("two", to: room)
                try await alice.put("/rooms/\(room)/redact/\(second)/t", [:])
                gateway.answer(after: .zero)
                let third = try await alice.sendText("three", to: room)
                let all = try await gateway.notifications(atLeast: 2)
                #expect(all.map { $0["event_id"] } == [.string(first), .string(third)])
            }
        }
    }
}

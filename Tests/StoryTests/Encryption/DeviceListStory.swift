import HearthTestKit
import MatrixModel
import Testing

/// Who is told that somebody's devices or keys are others now.
@Suite("Device lists")
struct DeviceListStory {
    @Test(
        "keys, names and ends of devices are news for who shares a room, from memory and from the store",
        arguments: [false, true])
    func changes(restarts: Bool) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let stranger = try await hearth.client.register("stranger")
            try await bob.join(try await alice.createRoom(["preset": "public_chat"]))
            let start = try await bob.sync(setPresence: "offline")
            let strangerStart = try await stranger.sync(setPresence: "offline")
            var since = start.nextBatch
            func expectNews(_ what: Comment) async throws {
                if restarts { try await hearth.restart() }
                let news = try await bob.sync(since: since, timeout: 10_000, setPresence: "offline")
                #expect(news.changedDeviceLists == [alice.userID], what)
                let again = try await bob.sync(since: since, timeout: 10_000, setPresence: "offline")
                #expect(again.changedDeviceLists == [alice.userID], what)
                #expect(try await bob.sync(since: news.nextBatch, setPresence: "offline").changedDeviceLists == [], what)
                since = news.nextBatch
            }
            try await alice.uploadKeys(["device_keys": .object(alice.deviceKeys())])
            try await expectNews("keys")
            try await alice.put("/devices/\(alice.deviceID)", ["display_name": "Phone"])
            try await expectNews("a name")
            let tablet = try await hearth.client.login("alice")
            try await tablet.uploadKeys(["device_keys": .object(tablet.deviceKeys(ed25519: "tablet"))])
            try await expectNews("another device")
            try await tablet.logOut()
            try await expectNews("a device that ended")
            let devices = try await bob.queryKeys(of: alice.userID)["device_keys", alice.userID]?.objectValue
            #expect(devices?.members.map(\.key) == [alice.deviceID])

            let other = try await stranger.sync(since: strangerStart.nextBatch, setPresence: "offline")
            #expect(other.nextBatch == strangerStart.nextBatch, "a stranger is told nothing")
            let changes = try await bob.get("/keys/changes", query: ["from": start.nextBatch, "to": since])
            #expect(changes["changed"] == [.string(alice.userID)] && changes["left"] == [])
            #expect(try await bob.get("/keys/changes", query: ["from": since, "to": since])["changed"] == [])
        }
    }

    @Test("a first common room brings somebody's keys, the end of the last one takes them, an account that ends too")
    func rooms() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            try await alice.uploadKeys(["device_keys": .object(alice.deviceKeys())])
            let rooms = [
                try await bob.createRoom(["preset": "public_chat"]), try await bob.createRoom(["preset": "public_chat"]),
            ]
            let start = try await bob.sync(setPresence: "offline")
            try await alice.join(rooms[0])
            let joined = try await bob.sync(since: start.nextBatch, setPresence: "offline")
            #expect(joined.changedDeviceLists == [alice.userID])
            try await alice.join(rooms[1])
            let both = try await bob.sync(since: joined.nextBatch, setPresence: "offline")
            try await alice.leave(rooms[0])
            let one = try await bob.sync(since: both.nextBatch, setPresence: "offline")
            #expect(one.leftDeviceLists == [], "there is another common room")
            let auth: JSON = [
                "type": "m.login.password", "identifier": ["type": "m.id.user", "user": "alice"],
                "password": "correct horse battery staple",
            ]
            try await alice.post("/account/deactivate", ["auth": auth])
            let left = try await bob.sync(since: one.nextBatch, setPresence: "offline")
            #expect(left.leftDeviceLists == [alice.userID])
            #expect(try await bob.queryKeys(of: alice.userID)["device_keys", alice.userID] == [:])
            #expect(try await bob.claimKey(of: alice) == nil)
        }
    }
}

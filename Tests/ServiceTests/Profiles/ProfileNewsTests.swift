import HearthStore
import MatrixModel
import PresenceCore
import SubscriptionCore
import Testing

@testable import HearthRuntime
@testable import HearthServices

@Suite("Profiles in /sync")
struct ProfileNewsTests {
    private static let status = "org.matrix.msc4426.status"
    private static let call = "org.matrix.msc4426.call"

    /// Alice and bob in a room of alice's, and a client of bob's that asks for status and call.
    private static func scene(
        _ fixture: ServiceFixture
    ) async throws -> (scene: ProfileScene, alice: DeviceKey, bob: DeviceKey, room: RoomID, client: ProfileClient) {
        let scene = ProfileScene(fixture)
        let (alice, bob) = (try await fixture.makeUser("alice"), try await fixture.makeUser("bob"))
        var request = CreateRoomRequest()
        request.preset = .publicChat
        let room = try await scene.rooms.create(request, by: alice)
        _ = try await scene.rooms.join(.id(room), by: bob)
        var client = ProfileClient(bob)
        client.ask(for: [status, call])
        try await scene.next(&client)
        return (scene, alice, bob, room, client)
    }

    @Test("a held sync wakes for a call only where its filter asks for calls, and presence's pacing holds for it")
    func wakes() async throws {
        try await ServiceFixture.with { fixture in
            let (scene, alice, bob, _, client) = try await Self.scene(fixture)
            try await fixture.writer.perform { _ in }
            let asking = try #require(scene.sync.hold(try client.request(timeout: .seconds(30)), device: bob))
            defer { asking.end() }
            var other = ProfileClient(bob)
            try await scene.next(&other)
            let silent = try #require(scene.sync.hold(try other.request(timeout: .seconds(30)), device: bob))
            defer { silent.end() }
            guard case .sleep = try asking.look(after: nil), case .sleep = try silent.look(after: nil) else { throw Unexpected() }
            let (wakerOfAsking, wakerOfSilent) = (asking.waker, silent.waker)
            async let first = wakerOfAsking.next()
            async let second = wakerOfSilent.next()
            try await scene.profiles.set("m.call", to: ["call_joined_ts": 7], of: alice.user, by: alice)
            #expect(await first.reason == .news)
            guard case .answer(let response) = try asking.look(after: WakeUp(reason: .news)) else { throw Unexpected() }
            #expect(response.isPresenceOnly && response.profiles.map(\.user) == [alice.user])
            wakerOfSilent.wake(.timedOut)
            #expect(await second.reason == .timedOut, "nobody woke the one that does not ask")
        }
    }

    @Test("a client that asks for more keeps its token and gets the values that stand, once")
    func asksForMore() async throws {
        try await ServiceFixture.with { fixture in
            var (scene, alice, _, _, client) = try await Self.scene(fixture)
            try await scene.profiles.set("m.status", to: ["text": "lunch"], of: alice.user, by: alice)
            try await scene.profiles.set("m.tz", to: "Asia/Tokyo", of: alice.user, by: alice)
            try await scene.next(&client)
            #expect(client.shown == [alice.user: [Self.status: ["text": "lunch", "emoji": "💬"]]])
            client.ask(for: [Self.status, "m.tz"])
            let response = try await scene.sync.sync(
                try client.request(), device: client.device, connection: LastingConnection())
            #expect(client.apply(response) == [alice.user])
            #expect(client.shown[alice.user]?["m.tz"] == "Asia/Tokyo")
            let token = client.since
            let again = try await scene.sync.sync(try client.request(), device: client.device, connection: LastingConnection())
            #expect(again.isEmpty && again.nextBatch == token)
        }
    }

    @Test("a sync that asks for fields that nobody has keeps its place, and knows at the next one that it asked")
    func asksForNothingThatIs() async throws {
        try await ServiceFixture.with { fixture in
            var (scene, _, bob, _, client) = try await Self.scene(fixture)
            client.ask(for: [])
            try await scene.next(&client)
            let plain = try #require(client.since)
            #expect(plain.profiles != nil, "nothing was new: the token is the one that was given")
            client.ask(for: ["m.rpc"])
            let held = try #require(scene.sync.hold(try client.request(), device: bob))
            defer { held.end() }
            guard case .answer(let response) = try held.look(after: nil) else { throw Unexpected() }
            #expect(response.isEmpty && response.nextBatch.position == plain.position)
            #expect(response.nextBatch.profiles == ProfileFields(names: ["m.rpc"]).digest)
        }
    }

    @Test("a user who appears offline has no call for others, from the same answer on, and whatever the call does is not seen")
    func hides() async throws {
        try await ServiceFixture.with { fixture in
            var (scene, alice, _, _, client) = try await Self.scene(fixture)
            try await scene.put(.online, by: alice)
            try await scene.profiles.set("m.call", to: ["call_joined_ts": 7], of: alice.user, by: alice)
            try await scene.next(&client)
            #expect(client.shown[alice.user]?[Self.call] == ["call_joined_ts": 7])
            let before = fixture.notifier.position
            try await scene.put(.offline, by: alice)
            let answer = try await scene.sync.sync(try client.request(), device: client.device, connection: LastingConnection())
            #expect(answer.profiles.count == 1 && answer.profiles[0].fields?.map(\.name) == [Self.call])
            client.apply(answer)
            #expect(client.shown.isEmpty)
            #expect(fixture.notifier.position > before)
            for value in [["call_joined_ts": 8], nil, ["call_joined_ts": 9]] as [JSON?] {
                try await scene.profiles.set("m.call", to: value, of: alice.user, by: alice)
                let response = try await scene.sync.sync(
                    try client.request(), device: client.device, connection: LastingConnection())
                #expect(response.profiles.isEmpty)
                let started = try await scene.syncAfterStart().sync(
                    try client.request(), device: client.device, connection: LastingConnection())
                #expect(started.profiles.isEmpty)
            }
            var own = ProfileClient(alice)
            own.ask(for: [Self.call])
            try await scene.next(&own)
            #expect(own.shown[alice.user]?[Self.call] == ["call_joined_ts": 9], "one's own is seen as ever")
            try await scene.put(.online, by: alice)
            try await scene.next(&client)
            #expect(client.shown[alice.user]?[Self.call] == ["call_joined_ts": 9])
        }
    }

    @Test(
        "whoever falls out of the audience gets null whether or not there is a status, and nothing after it",
        arguments: [true, false])
    func outside(hasStatus: Bool) async throws {
        try await ServiceFixture.with { fixture in
            var (scene, alice, _, _, client) = try await Self.scene(fixture)
            try await scene.put(.online, by: alice)
            if hasStatus { try await scene.profiles.set("m.status", to: ["text": "here"], of: alice.user, by: alice) }
            try await scene.next(&client)
            try await scene.accountData.set("m.presence.sharing", content: ["share_locally": false], room: nil, of: alice.user)
            let response = try await scene.sync.sync(
                try client.request(), device: client.device, connection: LastingConnection())
            let fields = try #require(response.profiles.first { $0.user == alice.user }?.fields)
            #expect(fields.map(\.name) == [Self.call, Self.status] && fields.allSatisfy { $0.value == nil })
            client.apply(response)
            try await scene.profiles.set("m.status", to: ["text": "unseen"], of: alice.user, by: alice)
            let after = try await scene.sync.sync(try client.request(), device: client.device, connection: LastingConnection())
            #expect(after.profiles.isEmpty)
            try await scene.accountData.set("m.presence.sharing", content: [:], room: nil, of: alice.user)
            try await scene.next(&client)
            #expect(client.shown[alice.user]?[Self.status] == ["text": "unseen", "emoji": "💬"])
        }
    }

    @Test("whoever shares no room any more is forgotten with null, once, also when that was before the start")
    func gone() async throws {
        try await ServiceFixture.with { fixture in
            var (scene, alice, bob, room, client) = try await Self.scene(fixture)
            try await scene.profiles.set("m.status", to: ["text": "here"], of: alice.user, by: alice)
            try await scene.next(&client)
            let before = client
            try await scene.rooms.leave(room, by: alice)
            for sync in [scene.sync, try scene.syncAfterStart()] {
                client = before
                let response = try await sync.sync(try client.request(), device: bob, connection: LastingConnection())
                #expect(response.profiles.map(\.user) == [alice.user] && response.profiles[0].fields == nil)
                client.apply(response)
                #expect(client.shown.isEmpty)
            }
        }
    }
}

private struct Unexpected: Error {}

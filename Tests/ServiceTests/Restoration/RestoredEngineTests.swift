import HearthStore
import MatrixModel
import PresenceCore
import SubscriptionCore
import Testing

@testable import HearthServices

@Suite("What a start brings back")
struct RestoredEngineTests {
    private static let names = ["alice", "bob", "carol", "dave", "eve"]

    /// Three rooms and five users who do everything that memory keeps.
    private struct Scene {
        let fixture: ServiceFixture
        let devices: [DeviceKey]
        let rooms: RoomService
        let receipts: ReceiptService
        let accountData: AccountDataService
        var number = 0

        init(_ fixture: ServiceFixture) async throws {
            self.fixture = fixture
            var devices: [DeviceKey] = []
            for name in RestoredEngineTests.names { devices.append(try await fixture.makeUser(name)) }
            self.devices = devices
            rooms = fixture.assembly.rooms(typing: fixture.assembly.typing { _ in }) { _ in }
            receipts = fixture.assembly.receipts { _ in }
            accountData = fixture.assembly.accountData(presence: fixture.presence)
        }

        var users: [UserID] { devices.map(\.user) }

        func makeRoom(by device: DeviceKey, state: [CreateRoomRequest.InitialState] = []) async throws -> RoomID {
            var request = CreateRoomRequest()
            request.preset = .publicChat
            request.initialState = state
            request.powerLevelOverride = ["users_default": 50]
            return try await rooms.create(request, by: device)
        }

        mutating func say(_ text: String, in room: RoomID, by device: DeviceKey) async throws -> EventID {
            number += 1
            return try await rooms.send(
                .message, content: ["msgtype": "m.text", "body": .string(text)], in: room, transactionID: "t\(number)", by: device
            )
        }

        func compare() throws {
            let position = fixture.notifier.ask(\.position)
            let restored = try fixture.assembledAgain().notifier.ask { engine in engine }
            let lived = fixture.notifier.ask { engine in engine }
            #expect(restored.position == position)
            let rooms = try fixture.store.readNow { try $0.rooms.all() }
            let remembered = [lived, restored].map { Remembered($0, users: users, rooms: rooms, devices: devices) }
            #expect(Remembered.differences(remembered[0], remembered[1]) == [])
        }
    }

    @Test("members, those who left, were banned, invited or forgot, and how far each has read")
    func members() async throws {
        try await ServiceFixture.with { fixture in
            var scene = try await Scene(fixture)
            let devices = scene.devices
            let (alice, bob, carol, dave, eve) = (devices[0], devices[1], devices[2], devices[3], devices[4])
            let (den, hall) = (try await scene.makeRoom(by: alice), try await scene.makeRoom(by: bob))
            for device in [bob, carol, dave] { _ = try await scene.rooms.join(.id(den), by: device) }
            for device in [alice, carol, dave, eve] { _ = try await scene.rooms.join(.id(hall), by: device) }
            let first = try await scene.say("first", in: den, by: alice)
            for count in 0..<130 {
                let text = count % 40 == 7 ? "carol: a word" : "word \(count)"
                _ = try await scene.say(text, in: den, by: [alice, bob][count % 2])
            }
            let read = try await scene.say("read up to here", in: den, by: bob)
            for count in 0..<5 { _ = try await scene.say("more \(count)", in: den, by: alice) }
            try await scene.receipts.set([ReadMark(.receipt(.read), at: read)], in: den, by: carol)
            try await scene.receipts.set([ReadMark(.receipt(.readPrivate), at: first, thread: "main")], in: den, by: dave)
            try await scene.rooms.leave(den, by: dave)
            try await scene.rooms.ban(eve.user, from: hall, by: bob)
            try await scene.rooms.invite(eve.user, to: den, by: alice)
            try await scene.rooms.leave(hall, by: carol)
            try await scene.rooms.leave(hall, by: dave)
            try await scene.rooms.forget(hall, by: dave.user)
            _ = try await scene.say("for nobody else", in: hall, by: alice)
            _ = try await scene.rooms.redact(first, in: den, reason: nil, transactionID: "r", by: alice)
            try scene.compare()
        }
    }

    @Test("lanes, peeks, audiences and those who are ignored")
    func audiences() async throws {
        try await ServiceFixture.with { fixture in
            let scene = try await Scene(fixture)
            let devices = scene.devices
            let (alice, bob, carol, dave, eve) = (devices[0], devices[1], devices[2], devices[3], devices[4])
            let hint = CreateRoomRequest.InitialState(
                key: StateKey("m.room.presence_sharing"), content: ["presence_sharing": "suggest"])
            let den = try await scene.makeRoom(by: alice, state: [hint])
            let hall = try await scene.makeRoom(
                by: bob,
                state: [
                    CreateRoomRequest.InitialState(
                        key: StateKey(.historyVisibility), content: ["history_visibility": "world_readable"])
                ])
            for device in [bob, carol] { _ = try await scene.rooms.join(.id(den), by: device) }
            for device in [alice, dave, eve] {
                try await fixture.presence.put(
                    PresencePutRequest(presence: .online, status: .set("here"), expires: nil, isManual: true), by: device)
            }
            let sharing = fixture.assembly.accountDataWriter
            try await fixture.writer.perform { context in
                try sharing.setSharing(["io.hearth.default": "everyone"], of: alice.user, in: context)
                try sharing.setSharing(["io.hearth.default": "nobody"], of: dave.user, in: context)
            }
            for owner in [alice, dave] {
                let profile = try #require(fixture.notifier.ask { $0.profileRoom(of: owner.user) })
                for viewer in [bob, carol, eve] { _ = try await fixture.peeks.peek(.id(profile), by: viewer) }
                try await fixture.peeks.unpeek(profile, by: eve)
            }
            _ = try await fixture.peeks.peek(.id(hall), by: carol)
            _ = try await fixture.peeks.peek(.id(hall), by: dave)
            _ = try await scene.rooms.join(.id(hall), by: dave)
            for list in [["@alice:test": [:], "@dave:test": [:]], ["@dave:test": [:]]] as [JSONObject] {
                try await scene.accountData.set(
                    .ignoredUsers, content: ["ignored_users": .object(list)], room: nil, of: carol.user)
            }
            try await fixture.eventually("all is published") {
                [alice, dave, eve].allSatisfy { fixture.published(of: $0.user) == "online" }
            }
            try scene.compare()
        }
    }

    @Test("what waits for devices, and how many keys they have left")
    func devices() async throws {
        try await ServiceFixture.with { fixture in
            let scene = try await Scene(fixture)
            let (alice, bob, carol) = (scene.devices[0], scene.devices[1], scene.devices[2])
            try await fixture.writer.perform { context in
                let store = context.transaction
                for (device, algorithms) in [(alice, ["a", "b"]), (bob, ["b"])] {
                    for (number, algorithm) in algorithms.enumerated() {
                        for id in 0...number {
                            try store.oneTimeKeys.insert(
                                StoredOneTimeKey(algorithm: algorithm, id: "\(id)", key: "key"), of: device, upload: Int64(id))
                        }
                        try store.fallbackKeys.set(StoredOneTimeKey(algorithm: algorithm, id: "F", key: "key"), of: device)
                    }
                }
                _ = try store.fallbackKeys.use("b", of: bob)
                for device in [alice, bob, carol] {
                    context.tell(.keyCounts(device, try context.keyCounts(of: device), at: context.nextPosition()))
                }
                for device in [alice, carol, alice] {
                    let position = context.nextPosition()
                    try store.toDevice.insert(
                        ToDeviceMessage(sender: bob.user, type: "m.test", content: [:]), to: device, at: position)
                    context.tell(.sentToDevices([device], at: position))
                }
            }
            try scene.compare()
        }
    }
}

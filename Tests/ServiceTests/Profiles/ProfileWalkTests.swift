import Foundation
import HearthStore
import MatrixModel
import PresenceCore
import SubscriptionCore
import Testing

@testable import HearthServices

/// Users who join, leave, write into their profiles, hide and change their audience at random; after each sync, and after starts in between,
/// a client that applied every answer knows just what it may.
@Suite("Profiles in /sync, at random")
struct ProfileWalkTests {
    private static let names = [
        "m.status", "org.matrix.msc4426.status", "org.matrix.msc4426.call", "m.rpc", "m.tz", "us.cloke.msc4175.tz", "displayname",
        "org.example.pronouns",
    ]

    @Test(
        "a client that applies every answer knows what GET /profile would show it, and nothing else",
        arguments: [1, 2, 3] as [UInt64])
    func walk(seed: UInt64) async throws {
        try await ServiceFixture.with { fixture in
            var random = SeededGenerator(seed: seed)
            let scene = ProfileScene(fixture)
            var devices: [DeviceKey] = []
            for name in ["alice", "bob", "carol", "dave"] { devices.append(try await fixture.makeUser(name)) }
            let users = devices.map(\.user)
            var rooms: [RoomID] = []
            for (index, preset) in [CreateRoomRequest.Preset.publicChat, .publicChat, .publicChat].enumerated() {
                var request = CreateRoomRequest()
                request.preset = preset
                rooms.append(try await scene.rooms.create(request, by: devices[index]))
            }
            var clients = devices.map { ProfileClient($0) }
            for index in clients.indices { clients[index].ask(for: Array(Self.names.shuffled(using: &random).prefix(4))) }
            for step in 0..<300 {
                let who = devices[Int.random(in: 0..<devices.count, using: &random)]
                let note = try await change(scene, by: who, rooms: rooms, users: users, random: &random)
                let index = Int.random(in: 0..<clients.count, using: &random)
                if Int.random(in: 0..<20, using: &random) == 0 {
                    clients[index].ask(for: Array(Self.names.shuffled(using: &random).prefix(3)))
                }
                guard Int.random(in: 0..<3, using: &random) == 0 else { continue }
                let before = clients[index].since
                let restarted = Int.random(in: 0..<4, using: &random) == 0 ? try scene.syncAfterStart() : nil
                try await scene.next(&clients[index], from: restarted)
                let truth = try await scene.truth(for: clients[index].device.user, asking: clients[index].names, among: users)
                guard clients[index].shown == truth else {
                    Issue.record(
                        """
                        seed \(seed), step \(step) (\(note)), \(clients[index].device.user) from \(before.map { "\($0.position.rawValue)" } ?? "the start"), \
                        \(restarted == nil ? "running" : "started anew"):
                        knows \(clients[index].shown)
                        should know \(truth)
                        """)
                    return
                }
            }
        }
    }

    private func change(
        _ scene: ProfileScene, by who: DeviceKey, rooms: [RoomID], users: [UserID], random: inout SeededGenerator
    ) async throws -> String {
        let room = rooms[Int.random(in: 0..<rooms.count, using: &random)]
        let number = Int.random(in: 0..<5, using: &random)
        func set(_ key: String, _ value: JSON?) async throws -> String {
            try await scene.profiles.set(key, to: value, of: who.user, by: who)
            return "\(who.user) sets \(key)"
        }
        switch Int.random(in: 0..<14, using: &random) {
        case 0, 1:
            _ = try await scene.rooms.join(.id(room), by: who)
            return "\(who.user) joins \(room)"
        case 2, 3:
            if scene.fixture.notifier.ask({ $0.isJoined(who.user, in: room) }) { try await scene.rooms.leave(room, by: who) }
            return "\(who.user) leaves \(room)"
        case 4: return try await set("m.status", ["text": .string("text \(number)")])
        case 5: return try await set("m.status", number == 0 ? nil : ["emoji": "🏃"])
        case 6: return try await set("m.call", number < 2 ? nil : ["call_joined_ts": .integer(Int64(number))])
        case 7: return try await set("com.ip-logger.msc4320.rpc", number < 2 ? nil : ["type": .string("\(number)")])
        case 8:
            return try await set("us.cloke.msc4175.tz", number < 2 ? nil : ["Europe/Berlin", "Asia/Tokyo", "UTC"][number - 2])
        case 9: return try await set("displayname", number == 0 ? nil : .string("name \(number)"))
        case 10: return try await set("org.example.pronouns", number < 2 ? nil : .string("they \(number)"))
        case 11:
            let policies: [JSONObject] = [
                [:], ["io.hearth.default": "nobody"], ["users": .object([users[number % users.count].rawValue: "deny"])],
                ["rooms": .object([room.rawValue: "allow"])], ["io.hearth.default": "everyone"],
            ]
            try await scene.accountData.set("m.presence.sharing", content: policies[number], room: nil, of: who.user)
            return "\(who.user) shares with \(policies[number])"
        case 12:
            try await scene.put(number < 2 ? .offline : .online, by: who)
            return "\(who.user) \(number < 2 ? "hides" : "is back")"
        default:
            for type in RoomSharing.hintTypes where scene.fixture.notifier.ask({ $0.isJoined(who.user, in: room) }) {
                let hint: JSONObject = ["presence_sharing": number < 3 ? "suggest" : "forbid"]
                try await scene.fixture.writer.perform { context in
                    do {
                        try context.send(EventRequest(type: type, stateKey: "", sender: who.user, content: hint), in: room)
                    } catch SendError.forbidden { return }
                }
            }
            return "\(who.user) hints in \(room)"
        }
    }
}

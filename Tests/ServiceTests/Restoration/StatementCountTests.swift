import Foundation
import HearthStore
import MatrixModel
import RoomRules
import SubscriptionCore
import Synchronization
import Testing

@testable import HearthServices

@Suite("What a start asks of the database")
struct StatementCountTests {
    @Test("a start asks as much of a database of few users, rooms, peeks and keys as of one of many")
    func count() throws {
        let (few, many) = (try Self.statements(users: 20), try Self.statements(users: 200))
        let more = Dictionary(grouping: many, by: \.self).filter { pair in pair.value.count > few.count { $0 == pair.key } }
        #expect(few.count == many.count, "\(more.keys.sorted())")
        #expect(few.count > 20, "\(few)")
    }

    /// What the second start of a server asks: the first may make what is missing.
    private static func statements(users: Int) throws -> [String] {
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-start-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let first = try StartedServer(directory: directory)
        try fill(first, users: users)
        try first.store.close()
        let asked = Mutex<[String]>([])
        let second = try StartedServer(directory: directory) { statement in asked.withLock { $0.append(statement) } }
        #expect(second.assembly.notifier.ask { engine in (0..<users).allSatisfy { !engine.joinedRooms(of: user($0)).isEmpty } })
        #expect(second.assembly.notifier.ask { $0.livePeekCount(of: device(users - 1)) } == 1)
        try second.store.close()
        // Connections are opened, and what they read of the schema, as they are needed.
        return asked.withLock { $0 }.filter { !$0.hasPrefix("PRAGMA") && !$0.contains("sqlite_master") }
    }

    /// Users in rooms of five, each with everything that a start brings back.
    private static func fill(_ server: StartedServer, users: Int) throws {
        try server.assembly.writer.performNow { context in
            let (store, now) = (context.transaction, context.now.wall)
            var profiles: [RoomID] = []
            for number in 0..<users {
                let (user, device) = (user(number), device(number))
                try store.users.insert(user, passwordHash: nil, isAdmin: number == 0, at: now)
                try store.devices.upsert(device, displayName: nil, at: now)
                try store.devices.replaceToken(of: device, hash: Array(repeating: UInt8(number), count: 32), at: now)
                try store.devices.setLastContact(now, of: device)
                profiles.append(try ProfileRoomFactory.create(for: user, in: context))
                try store.presence.setPublished("online", lastOnline: now, of: user)
                let position = context.nextPosition()
                for (type, content) in [
                    (.ignoredUsers, ["ignored_users": ["@x:test": [:]]]), (.pushRules, ["global": [:]]),
                    ("org.continuwuity.presence_v2.msc4495.presence_sharing", ["io.hearth.default": "everyone"]),
                ] as [(EventType, JSONObject)] {
                    try store.accountData.set(
                        StoredAccountData(user: user, room: nil, type: type, content: content, position: position))
                }
                let key = StoredOneTimeKey(algorithm: "signed_curve25519", id: "A", key: "key")
                try store.oneTimeKeys.insert(key, of: device, upload: 1)
                try store.fallbackKeys.set(key, of: device)
                try store.toDevice.insert(
                    ToDeviceMessage(sender: user, type: "m.test", content: [:]), to: device, at: context.nextPosition())
            }
            for start in stride(from: 0, to: users, by: 5) {
                let room = try context.createRoom(
                    version: .v12, id: nil, creator: user(start), content: ["room_version": "12"], profileOwner: nil)
                for member in start..<start + 5 {
                    if member == start + 1 {
                        try context.send(
                            EventRequest(
                                type: .joinRules, stateKey: "", sender: user(start), content: ["join_rule": "public"]), in: room)
                    }
                    let word = member == start + 4 ? ["join", "leave", "join"] : ["join"]
                    for membership in word {
                        try context.send(
                            EventRequest(
                                type: .member, stateKey: user(member).rawValue, sender: user(member),
                                content: ["membership": .string(membership)]), in: room)
                    }
                    let sent = try context.send(
                        EventRequest(type: .message, sender: user(member), content: ["body": "hello"]), in: room)
                    _ = try store.receipts.advance(
                        StoredReceipt(
                            Receipt(user: user(member), kind: .read, event: sent.eventID, time: now, thread: nil),
                            readUpTo: sent.position, position: context.nextPosition()), in: room)
                    let position = context.nextPosition()
                    try store.peeks.insert(
                        StoredPeek(
                            device: device(member), room: profiles[start], started: position,
                            expires: now.advanced(by: .seconds(3600)), laneSince: position))
                }
            }
        }
    }

    private static func user(_ number: Int) -> UserID { UserID("@u\(number):test") ?? { preconditionFailure("a user id") }() }

    private static func device(_ number: Int) -> DeviceKey {
        DeviceKey(user: user(number), device: DeviceID("D") ?? { preconditionFailure("a device id") }())
    }
}

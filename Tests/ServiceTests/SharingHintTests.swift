import HearthStore
import Logging
import MatrixModel
import SubscriptionCore
import Testing

@testable import HearthServices

@Suite("What a room says of sharing")
struct SharingHintTests {
    @Test("it is followed for all members, some at each step, whoever joins and leaves in between")
    func manyMembers() async throws {
        try await ServiceFixture.with { fixture in
            let rooms = fixture.assembly.rooms(typing: fixture.assembly.typing { _ in }) { _ in }
            let alice = try await fixture.makeUser("alice")
            var request = CreateRoomRequest()
            request.preset = .publicChat
            let room = try await rooms.create(request, by: alice)
            let profile = try #require(fixture.notifier.ask { $0.profileRoom(of: alice.user) })
            let hint: @Sendable (String) async throws -> Void = { word in
                try await fixture.writer.perform { context in
                    let hint = EventRequest(
                        type: RoomSharing.hintTypes[0], stateKey: "", sender: alice.user,
                        content: ["presence_sharing": .string(word)])
                    try context.send(hint, in: room)
                }
            }
            let accountData = fixture.assembly.accountDataWriter
            try await fixture.writer.perform { context in
                try accountData.setSharing(
                    ["io.hearth.default": "nobody", "rooms": .object([room.rawValue: "allow"])], of: alice.user, in: context)
            }
            try await hint("suggest")
            var viewers: [DeviceKey] = []
            for number in 0..<(2 * FollowUp.peeks + 22) {
                let viewer = try await fixture.makeUser("viewer\(number)")
                _ = try await rooms.join(.id(room), by: viewer)
                _ = try await fixture.peeks.peek(.id(profile), by: viewer)
                viewers.append(viewer)
            }
            #expect(fixture.notifier.ask { $0.livePeeks(in: profile).count } == viewers.count)

            try await hint("forbid")
            let left = fixture.notifier.ask { $0.livePeeks(in: profile).count }
            #expect((viewers.count - FollowUp.peeks...viewers.count - 1).contains(left), "a step goes through some members")
            // One who has had their turn, one who is still to have it, and one who comes back as the last.
            try await rooms.leave(room, by: viewers[0])
            try await rooms.leave(room, by: viewers[100])
            try await rooms.leave(room, by: viewers[1])
            _ = try await rooms.join(.id(room), by: viewers[1])
            let followUps = fixture.assembly.followUpService()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await followUps.run() }
                defer { followUps.stop() }
                try await fixture.eventually("all peeks have ended") {
                    fixture.notifier.ask { $0.livePeeks(in: profile).isEmpty } && fixture.assembly.followUps.count == 0
                }
            }
        }
    }
}

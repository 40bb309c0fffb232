import HearthStore
import Logging
import MatrixModel
import SubscriptionCore
import TestSupport
import Testing

@testable import HearthServices

@Suite("Much that is over at once")
struct ExpiriesTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("statuses that end at the same time are cleared in many operations of the writer")
    func statuses() async throws {
        try await ServiceFixture.with { fixture in
            var users: [UserID] = []
            for number in 0..<150 { users.append(try await fixture.makeUser("user\(number)").user) }
            let end = fixture.clock.now().wall.advanced(by: .seconds(60)).milliseconds
            let everybody = users
            try await fixture.writer.perform { context in
                for user in everybody {
                    try context.setStatus(
                        StatusContent(checking: ["text": "out", "io.hearth.expires_ts": .integer(end)]), of: user)
                }
            }
            let notifier = fixture.notifier
            let standing: @Sendable () -> Int = {
                notifier.ask { engine in everybody.count { engine.lane(of: $0)?.status?.content["text"] != nil } }
            }
            let expiry = fixture.assembly.statusExpiry()
            #expect(await expiry.clearNext() == 0)
            fixture.clock.advanceWall(by: .seconds(60))
            for (cleared, left) in [(64, 86), (64, 22), (22, 0), (0, 0)] {
                #expect(await expiry.clearNext() == cleared)
                #expect(standing() == left)
            }
        }
    }

    @Test("peeks that are over at the same time are ended in many operations of the writer")
    func peeks() async throws {
        try await ServiceFixture.with { fixture in
            let alice = try await fixture.makeUser("alice").user
            let profile = try #require(fixture.notifier.ask { $0.profileRoom(of: alice) })
            let viewer = try await fixture.makeUser("viewer").user
            let service = fixture.assembly.peeks(PeekSettings(lifetime: .seconds(60)))
            for device in try await fixture.makeDevices(600, of: viewer) {
                _ = try await service.peek(.id(profile), by: device)
            }
            #expect(await service.endNext() == 0)
            fixture.clock.advanceWall(by: .seconds(60))
            for (ended, left) in [(256, 344), (256, 88), (88, 0), (0, 0)] {
                #expect(await service.endNext() == ended)
                #expect(fixture.notifier.ask { $0.livePeeks(in: profile).count } == left)
            }
            #expect(try await fixture.store.read { try $0.peeks.live(in: profile).isEmpty })
        }
    }
}

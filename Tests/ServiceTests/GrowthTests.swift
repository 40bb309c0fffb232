import HearthServices
import HearthStore
import Logging
import MatrixModel
import PresenceCore
import RoomRules
import SubscriptionCore
import TestSupport
import Testing

/// Presence costs nothing for ever: what is superseded goes, and the file stops growing.
@Suite("Growth")
struct GrowthTests {
    static let users = 100
    /// Rounds in which every user's presence changes once: 100,000 changes in all.
    static let rounds = 1_000

    /// Nobody falls asleep: every change is one that the test makes.
    static let wakeful: PresenceSettings = {
        let ever: Duration = .seconds(10_000_000)
        return PresenceSettings(
            deviceGrace: ever, reachableFor: ever, busyDeviceGrace: ever, idleAfter: ever, pusherReachableFor: ever)
    }()

    @Test("after the first hours the file does not grow, however often presence changes", .timeLimit(.minutes(30)))
    func changesDoNotPileUp() async throws {
        try await ServiceFixture.with(presence: Self.wakeful) { fixture in
            let devices = try await Self.makeUsers(fixture)
            // An hour is ten rounds. The purge goes by its own rounds, of which one has to be an hour ago.
            let purge = fixture.assembly.purge(PurgeSettings(laneRetention: .seconds(3_600)))
            var ceiling = 0
            for round in 1...Self.rounds {
                let word = round.isMultiple(of: 2) ? "online" : "busy"
                try await Self.change(devices, to: word, fixture: fixture)
                #expect(fixture.published(of: devices[round % Self.users].user) == word)
                fixture.clock.advanceWall(by: .seconds(360))
                fixture.clock.advanceMonotonic(by: .seconds(360))
                guard round.isMultiple(of: 5) else { continue }
                try await purge.purge()
                if round <= 40 { ceiling = try fixture.store.pageCount() }
                let pages = try fixture.store.pageCount()
                // A fiftieth is for what deleting leaves between rows.
                #expect(pages <= ceiling + ceiling / 50, "round \(round): \(pages) pages, \(ceiling) in the first hours")
            }
            let owner = devices[0].user
            let room = try #require(fixture.notifier.ask { $0.profileRoom(of: owner) })
            let kept = try fixture.store.readNow { try $0.events.signed(in: room).filter { $0.type == .presence }.count }
            #expect((1...11).contains(kept), "\(kept) of \(Self.rounds) presence events are kept")
        }
    }

    private static func makeUsers(_ fixture: ServiceFixture) async throws -> [DeviceKey] {
        var devices: [DeviceKey] = []
        for number in 0..<users { devices.append(try await fixture.makeUser("user\(number)")) }
        return devices
    }

    /// Every user puts the same presence by hand at once; returns when all of it is on the disk.
    private static func change(_ devices: [DeviceKey], to word: String, fixture: ServiceFixture) async throws {
        let request = try PresencePutRequest(parsing: ["presence": .string(word)])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for device in devices { group.addTask { try await fixture.presence.put(request, by: device) } }
            try await group.waitForAll()
        }
    }
}

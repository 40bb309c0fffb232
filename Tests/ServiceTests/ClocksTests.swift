import HearthStore
import Logging
import MatrixModel
import PresenceCore
import SubscriptionCore
import TestSupport
import Testing

@testable import HearthRuntime
@testable import HearthServices

@Suite("Clocks")
struct ClocksTests {
    @Test("grace periods follow the monotonic clock, however the wall clock is set")
    func graceIsMonotonic() async throws {
        try await ServiceFixture.with { fixture in
            let alice = try await fixture.makeUser("alice")
            let contact = fixture.presence.syncStarted(alice, claim: .explicit(.online))
            try await fixture.eventually("alice is online") { fixture.published(of: alice.user) == "online" }
            fixture.presence.syncEnded(contact)
            for jump in [Duration.seconds(7_200), .seconds(-14_400)] {
                fixture.clock.advanceWall(by: jump)
                fixture.presence.activityHappened(on: alice)
                #expect(fixture.presence.ownView(of: alice.user).effective.presence == .online)
            }
            fixture.clock.advanceMonotonic(by: .seconds(61))
            #expect(fixture.presence.ownView(of: alice.user).effective.presence == .unavailable)
            let settled = fixture.clock.now().monotonic.advanced(by: PresenceSettings().settle)
            try await fixture.eventually("the fall is noticed") { fixture.clock.nextWake == settled }
            fixture.clock.advanceMonotonic(by: PresenceSettings().settle)
            try await fixture.eventually("the fall is published") { fixture.published(of: alice.user) == "unavailable" }
        }
    }

    @Test("an operation that needs what memory is ahead of leaves no mark of the clock: the last transaction does")
    func marks() async throws {
        try await ServiceFixture.with { fixture in
            let purge = fixture.assembly.purge(PurgeSettings(interval: .milliseconds(777)))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await purge.run() }
                defer { purge.stop() }
                let before = try await fixture.store.read { try $0.clockMarks.newest() }
                let first = fixture.clock.now().monotonic.advanced(by: .milliseconds(777))
                try await fixture.eventually("the purge runs") { fixture.clock.nextWake == first }
                for _ in 0..<3 {
                    fixture.clock.advanceMonotonic(by: .milliseconds(1))
                    try await fixture.writer.perform { try fixture.writer.catchUp(in: $0) }
                }
                let store = fixture.store
                #expect(try await store.read { try $0.clockMarks.newest() } == before)
                fixture.writer.close()
                try await fixture.eventually("the writer has ended") {
                    do { return try store.readNow { try $0.clockMarks.newest() } != before } catch { return false }
                }
            }
        }
    }

    @Test("expiries follow the wall clock, however long the process runs")
    func expiriesAreWallTime() async throws {
        try await ServiceFixture.with { fixture in
            let alice = try await fixture.makeUser("alice")
            let bob = try await fixture.makeUser("bob")
            let room = try #require(fixture.notifier.ask { $0.profileRoom(of: alice.user) })
            _ = try await fixture.peeks.peek(.id(room), by: bob)
            fixture.clock.advanceMonotonic(by: .seconds(7_200))
            // A peek that is renewed now has still its whole hour: nothing ended it.
            _ = try await fixture.peeks.peek(.id(room), by: bob)
            #expect(fixture.notifier.ask { $0.livePeek(of: bob, in: room) } != nil)
            fixture.clock.advanceWall(by: .seconds(3_601))
            fixture.clock.advanceMonotonic(by: .seconds(60))
            try await fixture.eventually("the peek has ended") { fixture.notifier.ask { $0.livePeek(of: bob, in: room) } == nil }
        }
    }

    @Test("a manual choice ends by the wall clock")
    func choicesEndByWallTime() async throws {
        try await ServiceFixture.with { fixture in
            let alice = try await fixture.makeUser("alice")
            let expires = fixture.clock.now().wall.advanced(by: .seconds(600))
            try await fixture.presence.put(
                PresencePutRequest(presence: .busy, status: .unchanged, expires: expires, isManual: true), by: alice)
            #expect(fixture.published(of: alice.user) == "busy")
            fixture.clock.advanceMonotonic(by: .seconds(120))
            #expect(fixture.presence.ownView(of: alice.user).effective.presence == .busy)
            fixture.clock.advanceWall(by: .seconds(601))
            fixture.clock.advanceMonotonic(by: .seconds(60))
            try await fixture.eventually("the choice has ended") { fixture.published(of: alice.user) != "busy" }
        }
    }
}

import MatrixModel
import PresenceCore
import Testing

@testable import HearthServices

/// What is remembered of why presence changed.
struct PresenceChangeLogTests {
    private static func user(_ name: String) throws -> UserID { try #require(UserID("@\(name):test")) }

    private func change(_ user: UserID, at seconds: Int64, _ presence: Presence = .online) -> PresenceChange {
        PresenceChange(
            user: user, time: MatrixTimestamp(milliseconds: seconds * 1000), previous: .offline, presence: presence,
            reason: .online,
            cause: .sync, device: DeviceID("D"))
    }

    @Test("a user's last changes come newest first, and nobody else's")
    func newestFirst() throws {
        let (alice, bob) = (try Self.user("alice"), try Self.user("bob"))
        var log = PresenceChangeLog(retention: .seconds(3600))
        for second in 0..<30 { log.append(change(second % 3 == 0 ? bob : alice, at: Int64(second))) }
        let now = MatrixTimestamp(milliseconds: 30_000)
        #expect(log.last(4, of: bob, at: now).map(\.time.milliseconds) == [27_000, 24_000, 21_000, 18_000])
        #expect(log.last(100, of: alice, at: now).count == 20)
    }

    @Test("what is as old as the retention is told no more, and forgotten when something new comes or when asked to")
    func retention() throws {
        let alice = try Self.user("alice")
        var log = PresenceChangeLog(retention: .seconds(10))
        log.append(change(alice, at: 0))
        log.append(change(alice, at: 5))
        #expect(log.last(20, of: alice, at: MatrixTimestamp(milliseconds: 9_999)).count == 2)
        #expect(log.last(20, of: alice, at: MatrixTimestamp(milliseconds: 10_000)).count == 1)
        log.append(change(alice, at: 12))
        #expect(log.count == 2)
        log.dropExpired(at: MatrixTimestamp(milliseconds: 22_000))
        #expect(log.count == 0)
        var forgetful = PresenceChangeLog(retention: .zero)
        forgetful.append(change(alice, at: 0))
        #expect(forgetful.count == 0)
    }

    @Test("of more changes than the capacity the oldest are forgotten, and of a user who is gone all")
    func capacity() throws {
        let (alice, bob) = (try Self.user("alice"), try Self.user("bob"))
        var log = PresenceChangeLog(retention: .seconds(3600), capacity: 10)
        for second in 0..<25 { log.append(change(second == 20 ? bob : alice, at: Int64(second))) }
        #expect(log.count == 10)
        let now = MatrixTimestamp(milliseconds: 25_000)
        #expect(log.last(20, of: alice, at: now).last?.time.milliseconds == 15_000)
        log.forget(alice)
        #expect(log.count == 1)
        #expect(log.last(20, of: bob, at: now).count == 1)
    }
}

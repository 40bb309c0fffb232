import HearthServices
import HearthStore
import Logging
import MatrixModel
import PresenceCore
import RoomRules
import SubscriptionCore
import TestSupport
import Testing

@testable import HearthMedia
@testable import HearthServices

/// The wall clock is set by an hour, a day and a year, forwards and backwards, and back again: nothing is lost, and nothing stays for ever.
@Suite("Clocks that jump")
struct ClockJumpTests {
    private static let jumps: [Duration] = [3_600, 86_400, 31_536_000].flatMap { [.seconds($0), .seconds(-$0)] }

    /// A server whose clock was set and set back, with what was written before, meanwhile and afterwards.
    private struct Scene {
        let fixture: ServiceFixture
        let purge: Purge
        let filters: FilterService
        let alice: DeviceKey

        init(_ fixture: ServiceFixture) async throws {
            self.fixture = fixture
            purge = fixture.assembly.purge(PurgeSettings())
            filters = fixture.assembly.filters()
            alice = try await fixture.makeUser("alice")
            try await purge.purge()
        }

        /// Lets time pass on both clocks, with a round of the purge every five minutes.
        func pass(rounds: Int) async throws {
            for _ in 0..<rounds {
                fixture.clock.advanceWall(by: .seconds(300))
                fixture.clock.advanceMonotonic(by: .seconds(300))
                try await purge.purge()
            }
        }

        /// Publishes presence ten times.
        func changePresence() async throws {
            for number in 0..<10 {
                try await fixture.presence.put(
                    PresencePutRequest(
                        presence: number.isMultiple(of: 2) ? .busy : .offline, status: .unchanged, expires: nil, isManual: true),
                    by: alice)
            }
        }

        var lane: [SignedEvent] {
            get async throws {
                let room = try #require(fixture.notifier.ask { $0.profileRoom(of: alice.user) })
                return try await fixture.store.read { try $0.events.signed(in: room) }.filter { $0.type == .presence }
            }
        }
    }

    @Test("of a lane nothing that is superseded outlives its hour, and new events go by the clock again", arguments: jumps)
    func lanes(jump: Duration) async throws {
        try await ServiceFixture.with { fixture in
            let scene = try await Scene(fixture)
            try await scene.changePresence()
            fixture.clock.advanceWall(by: jump)
            try await scene.changePresence()
            try await scene.pass(rounds: 1)
            fixture.clock.advanceWall(by: .zero - jump)
            try await scene.changePresence()
            let newest = try #require(try await scene.lane.last).originServerTS
            #expect(newest <= fixture.clock.now().wall.advanced(by: EventTimes.longestLead))
            #expect(newest >= fixture.clock.now().wall)
            // Nothing is an hour old yet.
            #expect(try await scene.lane.count >= 30)
            try await scene.pass(rounds: 14)
            #expect(try await scene.lane.count == 1)
        }
    }

    @Test("a jump over a purge takes no filter, transaction, registration token or media id that is in use", arguments: jumps)
    func keeps(jump: Duration) async throws {
        try await ServiceFixture.with { fixture in
            let scene = try await Scene(fixture)
            let alice = scene.alice
            let filter = try await scene.filters.store(["room": ["timeline": ["limit": 1]]], of: alice.user)
            let sent = EventTransaction(device: alice, id: "t")
            let event = try #require(EventID("$event"))
            let media = try #require(MediaID("abcdefghij"))
            try await fixture.writer.perform { context in
                let store = context.transaction
                try store.transactions.insert(sent, scope: "s", event: event, at: context.age)
                _ = try store.toDevice.begin(sent, type: "m.test", at: context.age)
                try store.toDevice.insert(
                    ToDeviceMessage(sender: alice.user, type: "m.test", content: [:]), to: alice, at: context.nextPosition())
                try store.registrationTokens.insert(
                    "token", usesAllowed: nil, expires: context.now.wall.advanced(by: .seconds(7_000)))
                try store.media.insertUnused(
                    media, owner: alice.user, at: context.now.wall, expires: context.now.wall.advanced(by: .seconds(7_000)))
            }
            fixture.clock.advanceWall(by: jump)
            try await scene.pass(rounds: 3)
            fixture.clock.advanceWall(by: .zero - jump)
            try await scene.pass(rounds: 3)

            let now = fixture.clock.now().wall
            #expect(try await scene.filters.json(filter, of: alice.user) == ["room": ["timeline": ["limit": 1]]])
            try await fixture.writer.perform { context throws in
                let store = context.transaction
                #expect(try store.transactions.event(for: sent, scope: "s") == event)
                #expect(try !store.toDevice.begin(sent, type: "m.test", at: context.age))
                #expect(try store.toDevice.mailboxes().map(\.device) == [alice])
                #expect(try store.registrationTokens.isValid("token", at: now))
                #expect(try store.media.media(media, at: now) != nil)
            }
        }
    }

    @Test(
        "a day after the clock was set back, nothing that it had dated ahead lasts longer than if it were made now",
        arguments: jumps.filter { $0 > .zero })
    func bringsBack(jump: Duration) async throws {
        try await ServiceFixture.with { fixture in
            let scene = try await Scene(fixture)
            let (alice, bob) = (scene.alice, try await fixture.makeUser("bob"))
            let room = try #require(fixture.notifier.ask { $0.profileRoom(of: alice.user) })
            try await scene.pass(rounds: 1)
            fixture.clock.advanceWall(by: jump)
            _ = try await fixture.peeks.peek(.id(room), by: bob)
            let lifetime = MediaSettings().unusedLifetime
            try await fixture.writer.perform { context in
                let wall = context.now.wall
                try context.transaction.devices.setLastContact(wall, of: bob)
                for number in 0..<MediaSettings().mostUnused {
                    let id = try #require(MediaID("abcdefghij\(number)"))
                    try context.transaction.media.insertUnused(
                        id, owner: bob.user, at: wall, expires: wall.advanced(by: lifetime))
                }
            }
            try await scene.pass(rounds: 1)
            fixture.clock.advanceWall(by: .zero - jump)
            try await scene.pass(rounds: 24 * 12 + 2)

            let now = fixture.clock.now().wall
            let end = fixture.notifier.ask { $0.livePeek(of: bob, in: room)?.expires }
            #expect(end.map { $0 <= now.advanced(by: PeekSettings().lifetime) } ?? true)
            try await fixture.store.read { store throws in
                #expect(try store.devices.device(bob)?.lastContact.map { $0 <= now } == true)
                #expect(try store.media.unusedCount(of: bob.user, at: now.advanced(by: lifetime)) == 0)
                #expect(try store.peeks.live(expiringAfter: now.advanced(by: PeekSettings().lifetime)).isEmpty)
            }
        }
    }

    @Test("what is kept for a time goes when the server has run for that long, even by a clock that stands still")
    func ages() async throws {
        try await ServiceFixture.with { fixture in
            let scene = try await Scene(fixture)
            let filter = try await scene.filters.store([:], of: scene.alice.user)
            let sent = EventTransaction(device: scene.alice, id: "t")
            let event = try #require(EventID("$event"))
            try await fixture.writer.perform { context in
                try context.transaction.transactions.insert(sent, scope: "s", event: event, at: context.age)
                try context.transaction.registrationTokens.insert("over", usesAllowed: nil, expires: context.now.wall)
            }
            func isRemembered() async throws -> Bool {
                try await fixture.store.read { try $0.transactions.event(for: sent, scope: "s") != nil }
            }
            fixture.clock.advanceMonotonic(by: Purge.transactionLifetime)
            try await scene.purge.purge()
            #expect(try await isRemembered())
            fixture.clock.advanceMonotonic(by: .seconds(1))
            try await scene.purge.purge()
            #expect(try await !isRemembered())
            #expect(try await scene.filters.json(filter, of: scene.alice.user) == [:])
            fixture.clock.advanceMonotonic(by: Purge.filterLifetime)
            try await scene.purge.purge()
            await #expect(throws: AccountDataError.notFound) { try await scene.filters.json(filter, of: scene.alice.user) }
        }
    }

    @Test("an end by the wall clock deletes once every reading of a day says that it has passed")
    func believedClock() async throws {
        try await ServiceFixture.with { fixture in
            let scene = try await Scene(fixture)
            try await fixture.writer.perform { context in
                try context.transaction.registrationTokens.insert(
                    "over", usesAllowed: nil, expires: context.now.wall.advanced(by: .seconds(60)))
            }
            func count() async throws -> Int { try await fixture.store.read { try $0.registrationTokens.all().count } }
            fixture.clock.advanceWall(by: .seconds(86_400))
            try await scene.pass(rounds: 12 * 23)
            // The clock of before the jump would say so by now as well; nobody can use the token all the while.
            #expect(try await count() == 0)
            try await fixture.writer.perform { context in
                try context.transaction.registrationTokens.insert(
                    "over", usesAllowed: nil, expires: context.now.wall.advanced(by: .seconds(864_000)))
            }
            fixture.clock.advanceWall(by: .seconds(31_536_000))
            try await scene.pass(rounds: 12 * 23)
            #expect(try await count() == 1)
            try await scene.pass(rounds: 12 * 2)
            #expect(try await count() == 0)
        }
    }

    @Test(
        "a choice that ends by the wall clock waits for it, and ends once it is right again",
        arguments: jumps.filter { $0 < .zero })
    func choices(jump: Duration) async throws {
        try await ServiceFixture.with { fixture in
            let alice = try await fixture.makeUser("alice")
            let expires = fixture.clock.now().wall.advanced(by: .seconds(600))
            try await fixture.presence.put(
                PresencePutRequest(presence: .busy, status: .unchanged, expires: expires, isManual: true), by: alice)
            fixture.clock.advanceWall(by: jump)
            fixture.clock.advanceMonotonic(by: .seconds(60))
            fixture.clock.advanceWall(by: .zero - jump)
            fixture.clock.advanceMonotonic(by: .seconds(60))
            #expect(fixture.presence.ownView(of: alice.user).effective.presence == .busy)
            fixture.clock.advanceWall(by: .seconds(601))
            fixture.clock.advanceMonotonic(by: .seconds(60))
            try await fixture.eventually("the choice has ended") { fixture.published(of: alice.user) != "busy" }
        }
    }

    @Test(
        "a session of user-interactive authentication lasts a quarter of an hour, whatever the wall clock does", arguments: jumps)
    func sessions(jump: Duration) {
        let book = UIASessionBook()
        var now = TestClock().now()
        let request = UIARequest(operation: .registration, owner: .network("192.0.2.1"))
        let id = book.open(for: request, now: now)
        now.wall = now.wall.advanced(by: jump)
        now.monotonic = now.monotonic.advanced(by: .seconds(14 * 60))
        #expect(book.session(id, for: request, now: now) != nil)
        now.monotonic = now.monotonic.advanced(by: .seconds(60))
        #expect(book.session(id, for: request, now: now) == nil)
    }

    @Test("a server is as old after a start as it was before")
    func restart() async throws {
        try await ServiceFixture.with { fixture in
            let scene = try await Scene(fixture)
            try await scene.pass(rounds: 5)
            let age = fixture.writer.age(at: fixture.clock.now())
            #expect(age == ServerAge(milliseconds: 1_500_000))
            fixture.clock.advanceWall(by: .seconds(-31_536_000))
            let next = try fixture.assembledAgain().writer
            fixture.clock.advanceMonotonic(by: .seconds(7))
            #expect(next.age(at: fixture.clock.now()) == age.advanced(by: .seconds(7)))
        }
    }
}

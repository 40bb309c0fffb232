import HearthStore
import Logging
import MatrixModel
import SubscriptionCore
import Synchronization
import TestSupport
import Testing

@testable import HearthServices

@Suite("What follows a change")
struct FollowUpTests {
    /// Alice, whom everybody may see, and so many devices of other users that peek into her profile.
    private static func watched(by count: Int, _ fixture: ServiceFixture) async throws -> (
        alice: UserID, profile: RoomID, devices: [DeviceKey]
    ) {
        let alice = try await fixture.makeUser("alice").user
        let viewer = try await fixture.makeUser("viewer").user
        let profile = try #require(fixture.notifier.ask { $0.profileRoom(of: alice) })
        try await share("everyone", alice, fixture)
        let devices = try await fixture.makeDevices(count, of: viewer)
        for device in devices { _ = try await fixture.peeks.peek(.id(profile), by: device) }
        return (alice, profile, devices)
    }

    private static func share(_ word: String, _ user: UserID, _ fixture: ServiceFixture) async throws {
        let accountData = fixture.assembly.accountDataWriter
        try await fixture.writer.perform { try accountData.setSharing(["io.hearth.default": .string(word)], of: user, in: $0) }
    }

    private static func run(_ fixture: ServiceFixture, until isDone: @escaping @Sendable () -> Bool) async throws {
        let followUps = fixture.assembly.followUpService()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await followUps.run() }
            defer { followUps.stop() }
            try await fixture.eventually("all has followed", isDone)
        }
    }

    @Test("who falls out of an audience sees nothing more from the commit on, though hundreds of peeks end a little later")
    func revocation() async throws {
        try await ServiceFixture.with { fixture in
            let (alice, profile, devices) = try await Self.watched(by: 200, fixture)
            let notifier = fixture.notifier
            let showing: @Sendable () -> Int = {
                notifier.ask { engine in devices.filter { engine.livePeek(of: $0, in: profile)?.laneSince != nil }.count }
            }
            let living: @Sendable () -> Int = { notifier.ask { $0.livePeeks(in: profile).count } }
            #expect(showing() == 200)
            try await Self.share("nobody", alice, fixture)
            #expect(showing() == 0, "nothing is shown from here on")
            #expect(living() == 200 - FollowUp.peeks, "the first have ended in the same commit")
            try await Self.run(fixture) { living() == 0 }
            let stored = try await fixture.store.read { try $0.peeks.live(in: profile) }
            #expect(stored.isEmpty)
        }
    }

    @Test("a policy that is taken back before all peeks had followed shows again what was withheld, and ends nothing more")
    func takenBack() async throws {
        try await ServiceFixture.with { fixture in
            let (alice, profile, devices) = try await Self.watched(by: 200, fixture)
            let notifier = fixture.notifier
            let showing: @Sendable () -> Int = {
                notifier.ask { engine in devices.filter { engine.livePeek(of: $0, in: profile)?.laneSince != nil }.count }
            }
            try await Self.share("nobody", alice, fixture)
            try await Self.share("everyone", alice, fixture)
            let left = 200 - FollowUp.peeks
            try await Self.run(fixture) { showing() == left }
            #expect(try await fixture.store.read { try $0.peeks.live(in: profile).count } == left)
            #expect(fixture.assembly.followUps.count == 0)
        }
    }

    @Test("a room whose history closes ends all peeks into it in the same commit")
    func closedHistory() async throws {
        try await ServiceFixture.with { fixture in
            let (_, profile, devices) = try await Self.watched(by: 100, fixture)
            try await fixture.writer.perform { try PeekRules.endAll(in: profile, context: $0) }
            #expect(fixture.notifier.ask { $0.livePeeks(in: profile).count } == 0)
            #expect(fixture.notifier.ask { engine in devices.allSatisfy { engine.livePeekCount(of: $0) == 0 } })
            #expect(try await fixture.store.read { try $0.peeks.live(in: profile).isEmpty })
        }
    }

    /// A user in so many rooms, whose events are counted.
    private static func inRooms(_ count: Int, _ fixture: ServiceFixture) async throws -> (user: DeviceKey, rooms: [RoomID]) {
        let user = try await fixture.makeUser("alice")
        let rooms = fixture.assembly.rooms(typing: fixture.assembly.typing { _ in }) { _ in }
        var made: [RoomID] = []
        for _ in 0..<count { made.append(try await rooms.create(CreateRoomRequest(), by: user)) }
        return (user, made)
    }

    private static func users(_ count: Int, _ fixture: ServiceFixture) async throws -> [UserID] {
        var users: [UserID] = []
        for number in 0..<count { users.append(try await fixture.makeUser("user\(number)").user) }
        return users
    }

    private static func named(_ name: String, _ user: UserID, in rooms: [RoomID], _ store: Store) throws -> Int {
        try store.readNow { store in
            try rooms.filter { try store.state.event(.member(user), in: $0)?.content["displayname"] == .string(name) }.count
        }
    }

    @Test("a new name is in the first rooms at once, in all of them soon, and what was left at a stop is done after the start")
    func names() async throws {
        try await ServiceFixture.with { fixture in
            let (alice, rooms) = try await Self.inRooms(50, fixture)
            let profiles = fixture.assembly.profiles(presence: fixture.presence)
            let before = fixture.notifier.position.rawValue
            try await profiles.set("displayname", to: "One", of: alice.user, by: alice)
            #expect(fixture.notifier.position.rawValue - before < Int64(FollowUp.rooms) + 5, "one operation is a few events")
            #expect(try Self.named("One", alice.user, in: rooms, fixture.store) == FollowUp.rooms)
            // A server that is killed here finds in the store what was left.
            #expect(try FollowUpQueue(store: fixture.store, clock: fixture.clock).count == 1)

            try await profiles.set("displayname", to: "Two", of: alice.user, by: alice)
            let store = fixture.store
            try await Self.run(fixture) {
                do { return try Self.named("Two", alice.user, in: rooms, store) == 50 } catch { return false }
            }
            try await fixture.eventually("the store knows that nothing is left") {
                do {
                    return try FollowUpQueue(store: store, clock: fixture.clock).count == 0
                } catch {
                    return false
                }
            }
        }
    }

    @Test("an account that ends leaves the first rooms at once and the others soon, though it has ended by then")
    func departure() async throws {
        try await ServiceFixture.with { fixture in
            let (alice, _) = try await Self.inRooms(40, fixture)
            let rooms = AccountRooms(followUps: fixture.assembly.followUps)
            try await fixture.writer.perform { context in
                try rooms.accountEnds(alice.user, in: context)
                try context.transaction.users.deactivate(alice.user)
                context.forgetProfileRoom(of: alice.user)
            }
            let notifier = fixture.notifier
            #expect(notifier.ask { $0.joinedRooms(of: alice.user).count } == 40 - FollowUp.rooms)
            try await Self.run(fixture) { notifier.ask { $0.joinedRooms(of: alice.user).isEmpty } }
        }
    }

    @Test("of a key backup the first sessions go with the account, the others soon, also after a stop; then nothing counts")
    func keyBackups() async throws {
        try await ServiceFixture.with { fixture in
            let alice = try await fixture.makeUser("alice").user
            let count = 2 * FollowUp.sessions + 10
            let room = try #require(RoomID("!r:test"))
            try await fixture.writer.perform { context in
                let store = context.transaction
                let version = try store.keyBackups.insert(algorithm: "m.test", authData: [:], of: alice)
                let session = BackedUpSession(firstMessageIndex: 0, forwardedCount: 0, isVerified: false, sessionData: ["c": "x"])
                for number in 0..<count {
                    try store.keyBackupSessions.set(
                        session, at: .init(user: alice, version: version, room: room, session: "\(number)"))
                }
            }
            let keys = AccountKeys(followUps: fixture.assembly.followUps)
            try await fixture.writer.perform { try keys.accountEnds(alice, in: $0) }
            let store = fixture.store
            @Sendable func used() throws -> Usage { try store.readNow { try $0.usage.usage(of: alice, .keyBackup) } }
            #expect(try used().items == Int64(count - FollowUp.sessions))
            // A server that is killed here finds in the store what was left.
            #expect(try FollowUpQueue(store: store, clock: fixture.clock).count == 1)
            try await Self.run(fixture) {
                do { return try used() == Usage() } catch { return false }
            }
        }
    }

    @Test("a follow-up that fails, for whatever reason, keeps none of the others back, and is tried again after a while")
    func oneFails() async throws {
        struct Fault: Error {}
        try await ServiceFixture.with { fixture in
            let bad = FollowUp.memberEvents(of: try await fixture.makeUser("bad").user)
            let good = try await Self.users(20, fixture).map { FollowUp.memberEvents(of: $0) }
            let steps = Mutex<[FollowUp]>([])
            let step: FollowUps.Step = { pending, _ in
                steps.withLock { $0.append(pending.followUp) }
                if pending.followUp == bad { throw Fault() }
                return nil
            }
            let queue = fixture.assembly.followUps
            let followUps = FollowUps(
                writer: fixture.writer, clock: fixture.clock, queue: queue, steps: [.memberEvents: step],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let tries: @Sendable (FollowUp) -> Int = { one in steps.withLock { $0.count { $0 == one } } }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await followUps.run() }
                defer { followUps.stop() }
                for (number, followUp) in ([bad] + good).enumerated() {
                    queue.add(FollowUpQueue.Pending(followUp: followUp, cursor: nil, generation: "\(number)"))
                }
                try await fixture.eventually("the others have followed") {
                    good.allSatisfy { tries($0) == 1 } && queue.count == 1
                }
                #expect(tries(bad) == 1, "others that ring do not have it tried again")
                fixture.clock.advanceMonotonic(by: FollowUpQueue.shortestPause)
                try await fixture.eventually("it is tried again") { tries(bad) == 2 && queue.count == 1 }
                fixture.clock.advanceMonotonic(by: FollowUpQueue.shortestPause)
                queue.add(FollowUpQueue.Pending(followUp: good[0], cursor: nil, generation: "again"))
                try await fixture.eventually("another one has followed") { tries(good[0]) == 2 }
                #expect(tries(bad) == 2, "its pause grows")
            }
        }
    }

    @Test("the pause of what fails grows up to five minutes, and who asks for it anew waits for none of it")
    func pauses() async throws {
        try await ServiceFixture.with { fixture in
            let queue = try FollowUpQueue(store: fixture.store, clock: fixture.clock)
            let followUp = FollowUp.departure(of: try await fixture.makeUser("alice").user)
            queue.add(FollowUpQueue.Pending(followUp: followUp, cursor: nil, generation: "1"))
            var now = MonotonicTime(nanoseconds: 0)
            var pauses: [Duration] = []
            for _ in 0..<9 {
                guard case .step(let pending) = queue.next(at: now) else { throw Overdue(what: "it is due") }
                queue.putBack(failed: pending, at: now)
                guard case .wait(let pause?) = queue.next(at: now) else { throw Overdue(what: "it waits") }
                pauses.append(pause)
                now = now.advanced(by: pause)
            }
            #expect(pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300].map { .seconds($0) })
            guard case .step(let pending) = queue.next(at: now) else { throw Overdue(what: "it is due") }
            queue.putBack(failed: pending, at: now)
            queue.add(FollowUpQueue.Pending(followUp: followUp, cursor: nil, generation: "2"))
            guard case .step(let anew) = queue.next(at: now) else { throw Overdue(what: "it is due anew") }
            #expect(anew.generation == "2" && anew.failures == 0)
            guard case .wait(nil) = queue.next(at: now.advanced(by: .seconds(1_000))) else {
                throw Overdue(what: "nothing is left of the first need")
            }
        }
    }

    @Test("an operation that fails leaves no follow-up behind")
    func failed() async throws {
        struct Refusal: Error {}
        try await ServiceFixture.with { fixture in
            let (alice, _, _) = try await Self.watched(by: 100, fixture)
            await #expect(throws: Refusal.self) {
                let accountData = fixture.assembly.accountDataWriter
                try await fixture.writer.perform { context in
                    try accountData.setSharing(["io.hearth.default": "nobody"], of: alice, in: context)
                    throw Refusal()
                }
            }
            #expect(fixture.assembly.followUps.count == 0)
        }
    }
}

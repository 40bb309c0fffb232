import HearthStore
import Logging
import MatrixModel
import SubscriptionCore
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
        try await fixture.writer.perform { try $0.setSharing(["io.hearth.default": "everyone"], of: alice) }
        var devices: [DeviceKey] = []
        for number in 0..<count {
            let device = DeviceKey(user: viewer, device: try #require(DeviceID("D\(number)")))
            _ = try await fixture.peeks.peek(.id(profile), by: device)
            devices.append(device)
        }
        return (alice, profile, devices)
    }

    private static func run(_ fixture: ServiceFixture, until isDone: @escaping @Sendable () -> Bool) async throws {
        let followUps = FollowUps(writer: fixture.writer, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
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
            try await fixture.writer.perform { try $0.setSharing(["io.hearth.default": "nobody"], of: alice) }
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
            try await fixture.writer.perform { try $0.setSharing(["io.hearth.default": "nobody"], of: alice) }
            try await fixture.writer.perform { try $0.setSharing(["io.hearth.default": "everyone"], of: alice) }
            let left = 200 - FollowUp.peeks
            try await Self.run(fixture) { showing() == left }
            #expect(try await fixture.store.read { try $0.peeks.live(in: profile).count } == left)
            #expect(fixture.writer.followUps.count == 0)
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
        let rooms = RoomService(
            writer: fixture.writer, notifier: fixture.notifier, settings: RoomSettings(),
            typing: TypingService(notifier: fixture.notifier, clock: fixture.clock, activityHappened: { _ in }),
            activityHappened: { _ in })
        var made: [RoomID] = []
        for _ in 0..<count { made.append(try await rooms.create(CreateRoomRequest(), by: user)) }
        return (user, made)
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
            let profiles = ProfileService(writer: fixture.writer, notifier: fixture.notifier)
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
            try await fixture.writer.perform { context in
                try Departure.leaveEverything(alice.user, in: context)
                try context.transaction.users.deactivate(alice.user)
                context.forgetProfileRoom(of: alice.user)
            }
            let notifier = fixture.notifier
            #expect(notifier.ask { $0.joinedRooms(of: alice.user).count } == 40 - FollowUp.rooms)
            try await Self.run(fixture) { notifier.ask { $0.joinedRooms(of: alice.user).isEmpty } }
        }
    }

    @Test("an operation that fails leaves no follow-up behind")
    func failed() async throws {
        struct Refusal: Error {}
        try await ServiceFixture.with { fixture in
            let (alice, _, _) = try await Self.watched(by: 100, fixture)
            await #expect(throws: Refusal.self) {
                try await fixture.writer.perform { context in
                    try context.setSharing(["io.hearth.default": "nobody"], of: alice)
                    throw Refusal()
                }
            }
            #expect(fixture.writer.followUps.count == 0)
        }
    }
}

import Dispatch
import HearthSettings
import HearthStore
import MatrixModel
import PushCore
import RoomRules
import SubscriptionCore
import TestSupport
import Testing

@testable import HearthServices

/// Requests that were authenticated before their device or account ended, and have their turn after it: nobody would ever take back what
/// they wrote.
@Suite("A request behind the end of its device or account")
struct EndedRequesterTests {
    @Test("of a device that was logged out starts no peek")
    func peeks() async throws {
        try await ServiceFixture.with { server in
            let (alice, bob) = (try await server.makeUser("alice"), try await server.makeUser("bob"))
            let room = try #require(server.notifier.ask { $0.profileRoom(of: alice.user) })
            try await server.writer.perform { try Self.accounts(of: server).end(bob, in: $0) }
            await #expect(throws: AccountError.unknownToken) { try await server.peeks.peek(.id(room), by: bob) }
            let request = try ProfilePeekRequest(userIDs: [alice.user.rawValue])
            await #expect(throws: AccountError.unknownToken) { try await server.peeks.peekProfiles(request, by: bob) }
            #expect(try server.store.readNow { try $0.peeks.live(of: bob) }.isEmpty)
            #expect(server.notifier.ask { $0.livePeekCount(of: bob) } == 0)
        }
    }

    @Test("of an account that has ended stores nothing, makes no room and joins none")
    func account() async throws {
        try await ServiceFixture.with { server in
            let (alice, bob) = (try await server.makeUser("alice"), try await server.makeUser("bob"))
            let rooms = server.assembly.rooms(typing: server.assembly.typing { _ in }) { _ in }
            var open = CreateRoomRequest()
            open.preset = .publicChat
            let hall = try await rooms.create(open, by: alice)
            let accounts = try Self.accounts(of: server)
            try await server.writer.perform { try accounts.end(bob.user, in: $0) }

            let data = server.assembly.accountData(presence: server.presence)
            let rules = PushRuleService(writer: server.writer, push: server.assembly.push)
            let backups = KeyBackupService(store: server.store, quotas: Quotas(), writer: server.writer)
            let late: [(String, @Sendable () async throws -> Void)] = [
                ("account data", { try await data.set("org.example", content: ["a": 1], room: nil, of: bob.user) }),
                ("ignored users", { try await data.set(.ignoredUsers, content: [:], room: nil, of: bob.user) }),
                ("a tag", { try await data.setTag("u.a", to: [:], on: hall, by: bob.user) }),
                ("push rules", { try await rules.change(of: bob.user) { _ throws(PushRuleError) in } }),
                ("a filter", { _ = try await server.assembly.filters().store([:], of: bob.user) }),
                ("a backup", { _ = try await backups.createVersion(algorithm: "a", authData: [:], of: bob.user) }),
                ("a room", { _ = try await rooms.create(CreateRoomRequest(), by: bob) }),
                ("a membership", { _ = try await rooms.join(.id(hall), by: bob) }),
            ]
            let before = server.notifier.position
            for (name, request) in late {
                await #expect(throws: AccountError.unknownToken, "\(name)") { try await request() }
            }
            #expect(server.notifier.position == before)
            #expect(server.assembly.push.rules(of: bob.user) == .standard)
        }
    }

    @Test("peeks that wait together are counted together: a device has no more of them than it may")
    func countedTogether() async throws {
        try await ServiceFixture.with { server in
            let watcher = try await server.makeUser("watcher")
            var rooms: [RoomID] = []
            for number in 0..<12 {
                let user = try await server.makeUser("user\(number)")
                rooms.append(try #require(server.notifier.ask { $0.profileRoom(of: user.user) }))
            }
            let peeks = server.assembly.peeks(PeekSettings(mostPerDevice: 3))
            let gate = DispatchSemaphore(value: 0)
            let (held, isHeld) = AsyncStream<Void>.makeStream()
            let started = try await withThrowingTaskGroup(of: Bool.self) { group in
                // All of them are in the queue before the first has its turn.
                group.addTask {
                    try await server.writer.perform { _ in
                        isHeld.finish()
                        gate.wait()
                    }
                    return false
                }
                for await _ in held {}
                for room in rooms {
                    group.addTask {
                        do {
                            _ = try await peeks.peek(.id(room), by: watcher)
                            return true
                        } catch PeekError.tooMany {
                            return false
                        }
                    }
                }
                defer { gate.signal() }
                try await server.eventually("all wait") { server.writer.queueDepth == rooms.count }
                gate.signal()
                return try await group.reduce(into: 0) { count, isStarted in count += isStarted ? 1 : 0 }
            }
            #expect(started == 3)
            #expect(server.notifier.ask { $0.livePeekCount(of: watcher) } == 3)
        }
    }

    private static func accounts(of server: ServiceFixture) throws -> AccountService {
        server.assembly.accounts(
            tokens: try AccessTokens(store: server.store), settings: try HearthSettings(resolving: SettingsInput()), followers: []
        )
    }
}

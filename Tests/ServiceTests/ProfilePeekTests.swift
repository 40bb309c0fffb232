import HearthServices
import HearthStore
import Logging
import MatrixModel
import SubscriptionCore
import TestSupport
import Testing

@Suite("Peeks into many profile rooms at once")
struct ProfilePeekTests {
    @Test("each name counts once, and what is no user id is set apart")
    func parsing() throws {
        let request = try ProfilePeekRequest(userIDs: ["@a:test", "nobody", "@b:test", "@a:test", "", "nobody"])
        #expect(request.users.map(\.rawValue) == ["@a:test", "@b:test"])
        #expect(request.malformed == ["nobody", ""])
        #expect(try ProfilePeekRequest(userIDs: []).users.isEmpty)
    }

    @Test("500 users are taken and 501 refused, repeated ones too")
    func limit() throws {
        _ = try ProfilePeekRequest(userIDs: Array(repeating: "@a:test", count: 500))
        #expect(throws: ProfilePeekError.tooManyUsers(limit: 500)) {
            try ProfilePeekRequest(userIDs: Array(repeating: "@a:test", count: 501))
        }
    }

    @Test("500 profile rooms are peeked into in one commit, and again renews them")
    func fiveHundred() async throws {
        try await ServiceFixture.with { fixture in
            let watcher = try await fixture.makeUser("watcher")
            let names = (0..<500).map { "@user\($0):test" }
            try await fixture.writer.perform { context in
                for user in names.compactMap({ UserID($0) }) {
                    try context.transaction.users.insert(user, passwordHash: nil, isAdmin: false, at: context.now.wall)
                    _ = try ProfileRoomFactory.create(for: user, in: context)
                }
            }
            let request = try ProfilePeekRequest(userIDs: names)
            let before = fixture.notifier.position
            let first = try await fixture.peeks.peekProfiles(request, by: watcher)
            #expect(first.peeks.map(\.user.rawValue) == names)
            #expect(first.refusals.isEmpty && first.malformed.isEmpty)
            #expect(fixture.notifier.position.rawValue == before.rawValue + 500, "a position for each peek")
            #expect(fixture.notifier.ask { $0.livePeekCount(of: watcher) } == 500)

            fixture.clock.advanceWall(by: .seconds(60))
            let again = try await fixture.peeks.peekProfiles(request, by: watcher)
            #expect(again.peeks.map(\.answer.room) == first.peeks.map(\.answer.room))
            #expect(
                zip(again.peeks, first.peeks).allSatisfy { $0.answer.expires == $1.answer.expires.advanced(by: .seconds(60)) })
            #expect(fixture.notifier.position.rawValue == before.rawValue + 500, "a renewal is no news")
        }
    }

    @Test("a user who cannot be peeked at costs the others nothing, and a full device renews all the same")
    func refusals() async throws {
        try await ServiceFixture.with { fixture in
            let alice = try await fixture.makeUser("alice")
            _ = try await fixture.makeUser("bob")
            _ = try await fixture.makeUser("carol")
            let peeks = fixture.assembly.peeks(PeekSettings(mostPerDevice: 2))
            let request = try ProfilePeekRequest(userIDs: ["@bob:test", "@ghost:test", "oops", "@alice:test", "@carol:test"])
            for _ in 0..<2 {
                let answer = try await peeks.peekProfiles(request, by: alice)
                #expect(answer.peeks.map(\.user.rawValue) == ["@bob:test", "@alice:test"])
                #expect(answer.refusals.map(\.user.rawValue) == ["@ghost:test", "@carol:test"])
                #expect(answer.refusals.map(\.error) == [.unknownUser, .tooMany(limit: 2)])
                #expect(answer.malformed == ["oops"])
            }
        }
    }
}

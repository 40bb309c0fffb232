import HearthStore
import MatrixModel
import PresenceCore
import Synchronization
import Testing

@testable import HearthServices

/// What the server stores and publishes of many users in one operation.
@Suite("Users whose own rows keep something from being written")
struct PassedOverTests {
    @Test("a call that cannot be taken from a profile delays nobody else's presence")
    func call() async throws {
        try await ServiceFixture.with { fixture in
            let (alice, bob) = (try await fixture.makeUser("alice"), try #require(UserID("@bob:test")))
            // Bob has a call, and no profile that it could be taken from.
            try await fixture.writer.perform { context in
                try context.transaction.users.insert(bob, passwordHash: nil, isAdmin: false, at: context.now.wall)
                let position = context.nextPosition()
                try context.transaction.programFields.set(
                    StoredProgramField(
                        user: bob, field: AudienceField.call.rawValue, content: [:], position: position, shownPosition: position,
                        isWithheld: false, device: nil, written: context.now.wall))
            }
            fixture.presence.state.withLock { _ = $0.toHangUp.insert(bob) }
            _ = fixture.presence.syncStarted(alice, claim: .explicit(.online))
            try await fixture.eventually("alice is online") { fixture.published(of: alice.user) == "online" }
            try await fixture.eventually("nothing is tried again") {
                fixture.presence.state.withLock { $0.toHangUp.isEmpty && $0.toPublish.isEmpty }
            }
        }
    }
}

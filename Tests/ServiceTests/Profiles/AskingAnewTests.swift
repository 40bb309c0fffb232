import MatrixModel
import PresenceCore
import SubscriptionCore
import Testing

@testable import HearthRuntime
@testable import HearthServices

/// Clients that keep what they were told: whatever they ask for now, and whatever the operator sets, none of it goes stale.
@Suite("Profiles that a client asks for anew")
struct AskingAnewTests {
    private static let status = "org.matrix.msc4426.status"
    private static let nothing: JSON? = nil

    private static func scene(_ fixture: ServiceFixture) async throws -> (scene: ProfileScene, alice: DeviceKey, bob: DeviceKey) {
        let scene = ProfileScene(fixture)
        let (alice, bob) = (try await fixture.makeUser("alice"), try await fixture.makeUser("bob"))
        var request = CreateRoomRequest()
        request.preset = .publicChat
        _ = try await scene.rooms.join(.id(try await scene.rooms.create(request, by: alice)), by: bob)
        return (scene, alice, bob)
    }

    private static func request(_ names: [String], since: SyncToken?) throws -> SyncRequest {
        let ids = JSON.array(names.map { .string($0) })
        let filter: JSONObject = [ProfileFields.filterKey: ["ids": ids], "presence": ["not_types": ["*"]]]
        return SyncRequest(since: since, filter: try SyncFilter(parsing: filter), claim: .silent)
    }

    private static func fields(of user: UserID, in response: SyncResponse) -> [String: JSON?] {
        var fields: [String: JSON?] = [:]
        for update in response.profiles where update.user == user {
            for (name, value) in update.fields ?? [] { fields.updateValue(value, forKey: name) }
        }
        return fields
    }

    @Test(
        "what was removed while a client did not ask for it is null when it asks again, and nothing is told of who never had a field"
    )
    func removedMeanwhile() async throws {
        try await ServiceFixture.with { fixture in
            let (scene, alice, bob) = try await Self.scene(fixture)
            func next(_ names: [String], since: SyncToken?) async throws -> SyncResponse {
                try await scene.sync.sync(try Self.request(names, since: since), device: bob, connection: LastingConnection())
            }
            let (team, motto) = ("org.example.team", "org.example.motto")
            for name in [team, motto] { try await scene.profiles.set(name, to: "x", of: alice.user, by: alice) }
            let first = try await next([team, motto], since: nil)
            #expect(Self.fields(of: alice.user, in: first) == [team: "x", motto: "x"])
            let second = try await next([Self.status], since: first.nextBatch)
            try await scene.profiles.set(team, to: nil, of: alice.user, by: alice)
            let third = try await next([Self.status], since: second.nextBatch)
            #expect(third.profiles.isEmpty)
            let fourth = try await next([team, motto], since: third.nextBatch)
            #expect(Self.fields(of: alice.user, in: fourth) == [team: Self.nothing, motto: "x"])
            #expect(fourth.profiles.map(\.user) == [alice.user], "bob never had any of it")
            #expect(try await next([team, motto], since: fourth.nextBatch).isEmpty)
        }
    }

    @Test(
        "a client that was away while the operator chose another audience is told of what it may not see now, and of what it may")
    func audienceChanged() async throws {
        try await ServiceFixture.with { fixture in
            let (scene, alice, bob) = try await Self.scene(fixture)
            try await scene.put(.online, status: .set("lunch"), by: alice)
            let names = [Self.status]
            let first = try await scene.sync.sync(
                try Self.request(names, since: nil), device: bob, connection: LastingConnection())
            let shown: [String: JSON?] = [Self.status: ["text": "lunch", "emoji": "💬"]]
            #expect(Self.fields(of: alice.user, in: first) == shown)
            func next(_ audience: Audience, since: SyncToken) async throws -> SyncResponse {
                try await scene.syncAfterStart(audience: audience).sync(
                    try Self.request(names, since: since), device: bob, connection: LastingConnection())
            }
            #expect(try await next(Audience(), since: first.nextBatch).isEmpty)
            let nobody = Audience(byDefault: .nobody)
            let second = try await next(nobody, since: first.nextBatch)
            #expect(Self.fields(of: alice.user, in: second) == [Self.status: Self.nothing])
            #expect(try await next(nobody, since: second.nextBatch).isEmpty)
            let third = try await next(Audience(byDefault: .everyone), since: second.nextBatch)
            #expect(Self.fields(of: alice.user, in: third) == shown)
        }
    }
}

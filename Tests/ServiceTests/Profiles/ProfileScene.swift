import HearthStore
import MatrixModel
import PresenceCore
import SubscriptionCore

@testable import HearthRuntime
@testable import HearthServices

/// A server's services with the edges that change and tell profiles.
struct ProfileScene: Sendable {
    let fixture: ServiceFixture
    let profiles: ProfileService
    let rooms: RoomService
    let accountData: AccountDataService
    let sync: SyncService

    init(_ fixture: ServiceFixture) {
        self.fixture = fixture
        profiles = fixture.assembly.profiles(presence: fixture.presence)
        rooms = fixture.assembly.rooms(typing: fixture.assembly.typing { _ in }) { _ in }
        accountData = fixture.assembly.accountData(presence: fixture.presence)
        sync = Self.sync(fixture.assembly, presence: fixture.presence)
    }

    private static func sync(_ assembly: ServerAssembly, presence: PresenceService) -> SyncService {
        assembly.sync(
            presence: presence, timeouts: Timeouts(clock: assembly.clock), legacy: LegacyPolicy(isEnabled: false),
            isLoggedIn: { _ in true })
    }

    /// Syncs as if the server had been started just now.
    func syncAfterStart(audience: Audience = Audience()) throws -> SyncService {
        Self.sync(try fixture.assembledAgain(audience: audience), presence: fixture.presence)
    }

    func next(_ client: inout ProfileClient, from sync: SyncService? = nil) async throws {
        let response = try await (sync ?? self.sync).sync(
            try client.request(), device: client.device, connection: LastingConnection())
        client.apply(response)
    }

    /// What a client that asks for these names is to know: the profiles of those with whom its user shares a room, as `GET /profile` shows
    /// them.
    func truth(for viewer: UserID, asking names: [String], among users: [UserID]) async throws -> [UserID: [String: JSON]] {
        var truth: [UserID: [String: JSON]] = [:]
        for user in users where fixture.notifier.ask({ $0.shareRoom(viewer, user) }) {
            let profile = try await profiles.profile(of: user, for: viewer)
            var fields: [String: JSON] = [:]
            for name in names { fields[name] = profile[name] }
            if !fields.isEmpty { truth[user] = fields }
        }
        return truth
    }

    func put(_ presence: Presence, status: StatusUpdate = .unchanged, by device: DeviceKey) async throws {
        try await fixture.presence.put(
            PresencePutRequest(presence: presence, status: status, expires: nil, isManual: true), by: device)
    }
}

import HearthSettings
import HearthStore
import MatrixModel
import TestSupport
import Testing

@testable import HearthServices

/// A request to set a pusher that was authenticated before its device was logged out, and comes to its turn after it.
@Suite("A pusher of a device that was logged out meanwhile")
struct LoggedOutPusherTests {
    private static func request(_ key: String, kind: JSON = "http") throws -> PusherRequest {
        try PusherRequest(parsing: [
            "kind": kind, "app_id": "app", "pushkey": .string(key), "app_display_name": "App", "device_display_name": "Phone",
            "lang": "en", "data": ["url": "https://push.example/_matrix/push/v1/notify"],
        ])
    }

    @Test("is refused as if its token had been unknown, and nothing is left that would notify for ever")
    func refused() async throws {
        try await ServiceFixture.with { server in
            let phone = try await server.makeUser("alice")
            let push = server.assembly.push
            let accounts = server.assembly.accounts(
                tokens: try AccessTokens(store: server.store), settings: try HearthSettings(resolving: SettingsInput()),
                followers: [])
            let (before, after) = (try Self.request("before"), try Self.request("after"))
            try await server.writer.perform { try push.setPusher(before, by: phone, in: $0) }
            #expect(try Self.keys(of: phone.user, in: server) == ["before"])

            try await server.writer.perform { try accounts.end(phone, in: $0) }
            for late in [before, after, try Self.request("before", kind: .null)] {
                await #expect(throws: AccountError.unknownToken) {
                    try await server.writer.perform { try push.setPusher(late, by: phone, in: $0) }
                }
            }
            #expect(try Self.keys(of: phone.user, in: server) == [])
        }
    }

    private static func keys(of user: UserID, in server: ServiceFixture) throws -> [String] {
        try server.store.readNow { try $0.pushers.pushers(of: user) }.map(\.pushkey)
    }
}

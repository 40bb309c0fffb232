import HearthStore
import MatrixModel
import Testing

@testable import HearthServices

/// A client whose last answer got lost asks for it again.
@Suite("A registration's last step once more")
struct RepeatedRegistrationStories {
    private func session(of username: String?, on server: AccountFixture, device: String? = nil) async throws -> String {
        do {
            try await server.register(username, device: device, auth: nil)
        } catch AccountError.authenticationNeeded(let challenge) {
            return challenge.session
        }
        Issue.record("no challenge")
        return ""
    }

    @Test(
        "the same request gets the same answer, with a name and without, with a token and without, for as long as a session lasts"
    )
    func repeated() async throws {
        try await AccountFixture.run { server in
            for (name, inhibitLogin) in [("alice", false), ("bob", true), (nil, false)] {
                let session = try await session(of: name, on: server)
                let auth = UIAuth(session: session, attempt: .dummy)
                let first = try await server.register(name, auth: auth, inhibitLogin: inhibitLogin)
                let again = try await server.register(name, auth: auth, inhibitLogin: inhibitLogin)
                let bare = try await server.register(name, auth: UIAuth(session: session), inhibitLogin: inhibitLogin)
                #expect(again == first && bare == first)
                server.clock.advance(by: .seconds(15 * 60))
                await #expect(throws: AccountError.self) {
                    try await server.register(name, auth: auth, inhibitLogin: inhibitLogin)
                }
            }
            let users = try await server.store.read { try $0.users.all() }
            #expect(users.count == 3, "nothing was made twice")
        }
    }

    @Test("a request that differs in anything gets nothing of it")
    func different() async throws {
        try await AccountFixture.run { server in
            let auth = UIAuth(session: try await session(of: "alice", on: server, device: "A"), attempt: .dummy)
            try await server.register("alice", device: "A", auth: auth)
            await #expect(throws: AccountError.usernameTaken) {
                try await server.register("alice", password: "Secret", device: "A", auth: auth)
            }
            await #expect(throws: AccountError.usernameTaken) { try await server.register("alice", device: "B", auth: auth) }
            await #expect(throws: AccountError.usernameTaken) {
                try await server.register("alice", device: "A", auth: auth, inhibitLogin: true)
            }
            await #expect(throws: AccountError.usernameTaken) {
                try await server.register("alice", device: "A", auth: UIAuth(attempt: .dummy))
            }
            await #expect(throws: AccountError.self, "a session serves one registration") {
                try await server.register("carol", device: "A", auth: auth)
            }
        }
    }

    @Test("a token that ended meanwhile is not given out again")
    func loggedOut() async throws {
        try await AccountFixture.run { server in
            let auth = UIAuth(session: try await session(of: "alice", on: server), attempt: .dummy)
            let login = try #require(try await server.register("alice", auth: auth).login)
            try await server.accounts.logOut(try server.accounts.requester(for: login.accessToken))
            await #expect(throws: AccountError.usernameTaken) { try await server.register("alice", auth: auth) }
        }
    }

    @Test("where the registration used the last registration token up, its answer comes again all the same")
    func registrationToken() async throws {
        try await AccountFixture.run(["registration.open": "false"]) { server in
            let token = try await server.accounts.createRegistrationToken(uses: 1, lifetime: nil)
            let auth = UIAuth(session: try await session(of: "alice", on: server), attempt: .registrationToken(token))
            let first = try await server.register("alice", auth: auth)
            #expect(try await server.register("alice", auth: auth) == first)
        }
    }
}

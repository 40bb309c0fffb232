import MatrixModel
import Synchronization
import Testing

@testable import HearthRuntime
@testable import HearthServices

@Suite("Limits of log-ins")
struct LoginLimitStories {
    private static func at(_ address: String) -> ClientAddress { ClientAddress.of(peer: address, forwardedFor: [], trusted: []) }

    private static func logIn(_ server: AccountFixture, _ password: String, from address: String, as user: String = "alice")
        async throws
    {
        _ = try await server.accounts.logIn(LoginRequest(user: user, password: password), from: at(address))
    }

    private static let limited: KeyValuePairs<String, String> = ["rate_limits.enabled": "true"]

    @Test(
        "guesses at one account run into the limit of their network, whoever exists, and hold nobody off elsewhere",
        arguments: ["alice", "nobody"])
    func byNetwork(user: String) async throws {
        try await AccountFixture.run(Self.limited) { server in
            try await server.register("alice")
            for _ in 0..<6 {
                await #expect(throws: AccountError.wrongCredentials) {
                    try await Self.logIn(server, "guess", from: "198.51.100.1", as: user)
                }
            }
            for password in ["guess", "secret"] {
                await #expect(throws: AccountError.rateLimited(retryAfter: .seconds(10))) {
                    try await Self.logIn(server, password, from: "198.51.100.1", as: user)
                }
            }
            for _ in 0..<6 {
                await #expect(throws: AccountError.wrongCredentials) {
                    try await Self.logIn(server, "guess", from: "2001:db8:1:2::1", as: user)
                }
            }
            await #expect(throws: AccountError.rateLimited(retryAfter: .seconds(10))) {
                try await Self.logIn(server, "guess", from: "2001:db8:1:2:ffff::1", as: user)
            }
            try await Self.logIn(server, "secret", from: "203.0.113.1")
            server.clock.advance(by: .seconds(10))
            await #expect(throws: AccountError.wrongCredentials) {
                try await Self.logIn(server, "guess", from: "198.51.100.1", as: user)
            }
        }
    }

    @Test(
        "guesses from everywhere run into the account's own limit, which holds off no network that its owner has logged in from")
    func everywhere() async throws {
        try await AccountFixture.run(Self.limited) { server in
            try await server.register("alice")
            try await Self.logIn(server, "secret", from: "203.0.113.1")
            for number in 0..<100 {
                await #expect(throws: AccountError.wrongCredentials) {
                    try await Self.logIn(server, "guess", from: "198.51.100.\(number)")
                }
            }
            await #expect(throws: AccountError.rateLimited(retryAfter: .seconds(30))) {
                try await Self.logIn(server, "guess", from: "192.0.2.99")
            }
            try await Self.logIn(server, "secret", from: "203.0.113.1")
            await #expect(throws: AccountError.rateLimited(retryAfter: .seconds(30))) {
                try await Self.logIn(server, "secret", from: "192.0.2.99")
            }
            server.clock.advance(by: .seconds(30))
            try await Self.logIn(server, "secret", from: "192.0.2.99")
        }
    }

    @Test("the right password is limited as well, by network and by account, and its attempts count as no guesses")
    func rightPassword() async throws {
        try await AccountFixture.run(Self.limited) { server in
            try await server.register("alice")
            for _ in 0..<20 { try await Self.logIn(server, "secret", from: "192.0.2.5") }
            await #expect(throws: AccountError.rateLimited(retryAfter: .seconds(3))) {
                try await Self.logIn(server, "secret", from: "192.0.2.5")
            }
            for number in 0..<30 { try await Self.logIn(server, "secret", from: "203.0.113.\(number)") }
            await #expect(throws: AccountError.rateLimited(retryAfter: .seconds(10))) {
                try await Self.logIn(server, "secret", from: "198.51.100.1")
            }
        }
    }

    @Test("registration tokens are guessed no faster by registering than by asking for them")
    func registrationTokens() async throws {
        try await AccountFixture.run(["rate_limits.enabled": "true", "registration.open": "false"]) { server in
            let token = try await server.accounts.createRegistrationToken(uses: nil, lifetime: nil)
            func register(_ token: String) async -> AccountError? {
                do throws(AccountError) {
                    _ = try await server.accounts.register(
                        RegistrationRequest(password: "secret", auth: UIAuth(attempt: .registrationToken(token))),
                        from: AccountFixture.address)
                    return nil
                } catch {
                    return error
                }
            }
            for number in 0..<60 {
                guard case .authenticationNeeded? = await register("guess\(number)") else {
                    Issue.record("no challenge")
                    return
                }
            }
            #expect(await register("guess") == .rateLimited(retryAfter: .seconds(1)))
            server.clock.advance(by: .seconds(1))
            #expect(await register(token) == nil)
        }
    }

    @Test("a password beside a token counts by device, right or wrong, whatever strangers and other devices guess")
    func confirmations() async throws {
        try await AccountFixture.run(Self.limited) { server in
            let phone = try server.accounts.requester(for: try #require(try await server.register("alice").login).accessToken)
            let stolen = try server.accounts.requester(for: try await server.logIn("alice").accessToken)
            func delete(_ password: String, by requester: Requester, user: String = "alice") async throws {
                try await server.accounts.deleteDevices(
                    [], by: requester, auth: UIAuth(attempt: .password(user: user, password: password)))
            }
            func failure(_ password: String, by requester: Requester, user: String = "alice") async -> AccountError? {
                do {
                    try await delete(password, by: requester, user: user)
                    return nil
                } catch {
                    return error as? AccountError
                }
            }
            for number in 0..<100 {
                await #expect(throws: AccountError.wrongCredentials) {
                    try await Self.logIn(server, "guess", from: "198.51.100.\(number)")
                }
            }
            try await server.register("bob", password: "bob's")
            for _ in 0..<20 {
                guard case .authenticationNeeded? = await failure("bob's", by: stolen, user: "bob") else {
                    Issue.record("another user's password is none, whatever it is, and costs nothing")
                    return
                }
            }
            for _ in 0..<6 {
                guard case .authenticationNeeded? = await failure("guess", by: stolen) else {
                    Issue.record("no challenge")
                    return
                }
            }
            #expect(await failure("secret", by: stolen) == .rateLimited(retryAfter: .seconds(30)))
            for _ in 0..<30 { try await delete("secret", by: phone) }
            #expect(await failure("secret", by: phone) == .rateLimited(retryAfter: .seconds(5)))
        }
    }

    @Test("after an administrator's reset, the networks that the user logged in from count as unknown")
    func otherPassword() async throws {
        try await AccountFixture.run(Self.limited) { server in
            try await server.register("alice")
            try await Self.logIn(server, "secret", from: "203.0.113.1")
            let alice = try #require(UserID("@alice:hearth.test"))
            let network = Self.at("203.0.113.1").rateLimitKey
            #expect(server.accounts.knownNetworks.withLock { $0.contains(alice, at: network) })
            try await server.accounts.resetPassword(of: alice, to: "another", logsOutDevices: false)
            #expect(server.accounts.knownNetworks.withLock { !$0.contains(alice, at: network) })
        }
    }

    @Test("a read that finds no memory is told to come again; one that a shutdown ends is not taken for a broken disk")
    func readsWithoutMemory() async throws {
        try await AccountFixture.run { server in
            await #expect(throws: AccountError.rateLimited(retryAfter: .seconds(3))) {
                try await server.accounts.read { _ in throw Overloaded(reason: .memory, retryAfter: .seconds(3)) }
            }
            await #expect(throws: AccountError.storage(.shuttingDown)) {
                try await server.accounts.read { _ in throw CancellationError() }
            }
        }
    }
}

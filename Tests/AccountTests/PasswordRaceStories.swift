import HearthStore
import MatrixModel
import Testing

@testable import HearthServices

/// What was begun with a password that is changed meanwhile gets no further.
@Suite("Passwords that change while something is begun")
struct PasswordRaceStories {
    private static let request = LoginRequest(user: "alice", password: "secret", deviceID: DeviceID("LATE"))

    private static func auth(_ password: String) -> UIAuth { UIAuth(attempt: .password(user: "alice", password: password)) }

    private static func outcome(_ body: () async throws -> Void) async -> AccountError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? AccountError
        }
    }

    @Test("a log-in whose password was changed, by its user or an administrator, makes no device", arguments: [true, false])
    func logIn(byAdministrator: Bool) async throws {
        try await AccountFixture.run { server in
            let login = try #require(try await server.register("alice").login)
            let proof = try await server.accounts.prove("secret", of: "alice", from: AccountFixture.address)
            if byAdministrator {
                try await server.accounts.resetPassword(of: login.userID, to: "new", logsOutDevices: true)
            } else {
                let requester = try server.accounts.requester(for: login.accessToken)
                try await server.accounts.changePassword(
                    to: "new", by: requester, logsOutDevices: true, auth: Self.auth("secret"))
            }
            #expect(try await server.accounts.logIn(Self.request, by: proof) == nil)
            #expect(try await server.accounts.devices(of: login.userID).map(\.key.device.rawValue).contains("LATE") == false)
            _ = try await server.logIn("alice", password: "new")
        }
    }

    @Test("a log-in whose account ended meanwhile makes no device")
    func ended() async throws {
        try await AccountFixture.run { server in
            let login = try #require(try await server.register("alice").login)
            let proof = try await server.accounts.prove("secret", of: "alice", from: AccountFixture.address)
            try await server.accounts.deactivate(login.userID)
            await #expect(throws: AccountError.userDeactivated) { try await server.accounts.logIn(Self.request, by: proof) }
            #expect(try await server.accounts.devices(of: login.userID).isEmpty)
        }
    }

    @Test("log-ins beside a change of the password leave no device behind that the change was to log out", arguments: 0..<5)
    func storm(round: Int) async throws {
        try await AccountFixture.run { server in
            let login = try #require(try await server.register("alice").login)
            let requester = try server.accounts.requester(for: login.accessToken)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<40 { group.addTask { _ = await Self.outcome { _ = try await server.logIn("alice") } } }
                group.addTask {
                    let error = await Self.outcome {
                        try await server.accounts.changePassword(
                            to: "new", by: requester, logsOutDevices: true, auth: Self.auth("secret"))
                    }
                    #expect(error == nil)
                }
            }
            #expect(try await server.accounts.devices(of: login.userID).map(\.key) == [requester.key])
            #expect(server.accounts.tokens.count == 1)
        }
    }

    @Test("of two changes with the same old password one wins, and the other is asked for the new one", arguments: 0..<10)
    func twoChanges(round: Int) async throws {
        try await AccountFixture.run { server in
            let one = try server.accounts.requester(for: try #require(try await server.register("alice").login).accessToken)
            let other = try server.accounts.requester(for: try await server.logIn("alice").accessToken)
            func change(to password: String, by requester: Requester) async -> AccountError? {
                await Self.outcome {
                    try await server.accounts.changePassword(
                        to: password, by: requester, logsOutDevices: false, auth: Self.auth("secret"))
                }
            }
            async let first = change(to: "one", by: one)
            async let second = change(to: "other", by: other)
            let outcomes = await [first, second]
            #expect(outcomes.count { $0 == nil } == 1)
            guard case .authenticationNeeded(let challenge)? = outcomes.compactMap({ $0 }).first else {
                Issue.record("no challenge: \(outcomes)")
                return
            }
            #expect(challenge.failure?.code == .forbidden)
            _ = try await server.logIn("alice", password: outcomes[0] == nil ? "one" : "other")
        }
    }

    @Test("what a device has confirmed that was logged out meanwhile is not done")
    func loggedOut() async throws {
        try await AccountFixture.run { server in
            let login = try #require(try await server.register("alice").login)
            let requester = try server.accounts.requester(for: login.accessToken)
            await #expect(throws: AccountError.unknownToken) {
                try await server.accounts.confirmed(.deactivation, by: requester, auth: Self.auth("secret")) {
                    pass throws(AccountError) in
                    try await server.accounts.logOut(requester)
                    return try await server.accounts.write { context in
                        try server.accounts.stands(pass, for: requester, in: context) ? () : nil
                    }
                }
            }
        }
    }

    @Test("what was confirmed with a password that was reset is not done, whether or not devices are logged out")
    func confirmations() async throws {
        try await AccountFixture.run { server in
            let login = try #require(try await server.register("alice").login)
            let keep = try await server.logIn("alice", device: "KEEP")
            for logsOut in [false, true] {
                let requester = try server.accounts.requester(for: login.accessToken)
                let password = logsOut ? "new" : "secret"
                let error = await Self.outcome {
                    try await server.accounts.confirmed(.deactivation, by: requester, auth: Self.auth(password)) {
                        pass throws(AccountError) in
                        try await server.accounts.resetPassword(
                            of: login.userID, to: logsOut ? "newer" : "new", logsOutDevices: logsOut)
                        return try await server.accounts.write { context in
                            try server.accounts.stands(pass, for: requester, in: context) ? () : nil
                        }
                    }
                }
                guard case .authenticationNeeded? = error else {
                    Issue.record("it was done, or refused otherwise: \(String(describing: error))")
                    return
                }
            }
            #expect(server.accounts.tokens.requester(for: keep.accessToken) == nil)
        }
    }

    @Test("a name that two register at once is one's")
    func sameName() async throws {
        try await AccountFixture.run { server in
            let outcomes = await withTaskGroup(of: AccountError?.self) { group in
                for _ in 0..<8 { group.addTask { await Self.outcome { try await server.register("alice") } } }
                return await group.reduce(into: [AccountError?]()) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == nil } == 1)
            #expect(outcomes.count { $0 == .usernameTaken } == 7)
        }
    }

    @Test("a log-in renews a hash of earlier settings, and what else was begun with the password goes on")
    func renewal() async throws {
        try await AccountFixture.run(["accounts.password_cost": "2"]) { server in
            let login = try #require(try await server.register("alice").login)
            let parameters = try #require(ScryptParameters(cost: 1, parallelism: 1))
            let old = try PasswordHash.make(of: "secret", parameters: parameters).encoded
            try await server.writer.perform { try $0.transaction.users.setPasswordHash(old, of: login.userID) }
            func stored() async throws -> String? {
                try await server.store.read { try $0.users.user(login.userID)?.passwordHash }
            }
            await #expect(throws: AccountError.wrongCredentials) { try await server.logIn("alice", password: "guess") }
            #expect(try await stored() == old)
            await withTaskGroup(of: AccountError?.self) { group in
                for _ in 0..<3 { group.addTask { await Self.outcome { _ = try await server.logIn("alice") } } }
                for await error in group { #expect(error == nil) }
            }
            let renewed = try #require(try await stored())
            #expect(renewed.hasPrefix("$scrypt$ln=2,r=8,p=3$"))
            _ = try await server.logIn("alice")
            #expect(try await stored() == renewed)
        }
    }
}

import HearthStore
import MatrixModel
import Testing

@testable import HearthRuntime
@testable import HearthServices

@Suite("Registration")
struct RegistrationStories {
    private func challenge(_ body: () async throws -> Void) async -> UIAChallenge? {
        do {
            try await body()
            return nil
        } catch AccountError.authenticationNeeded(let challenge) {
            return challenge
        } catch {
            Issue.record("no challenge but \(error)")
            return nil
        }
    }

    @Test("who registers gets a working token, a device and a profile room")
    func register() async throws {
        try await AccountFixture.run { server in
            let answer = try await server.register("alice", device: "PHONE")
            let login = try #require(answer.login)
            #expect(answer.userID.rawValue == "@alice:hearth.test")
            #expect(login.deviceID.rawValue == "PHONE")
            #expect(login.accessToken.hasPrefix("hearth_"))
            #expect(login.accessToken.utf8.count == 7 + 43)
            let requester = try server.accounts.requester(for: login.accessToken)
            #expect(requester == Requester(user: answer.userID, device: login.deviceID, isAdmin: false))
            let room = try server.store.readNow { try $0.rooms.profileRoom(of: answer.userID) }
            #expect(room != nil)
            #expect(try await server.accounts.devices(of: answer.userID).map(\.key) == [requester.key])
        }
    }

    @Test("the challenge of a bare registration is exactly the one that clients look for")
    func bare() async throws {
        try await AccountFixture.run { server in
            let asked = await challenge { try await server.register(nil, password: nil, auth: nil) }
            let body = try #require(asked).json
            #expect(body.keeping(["flows", "params"]) == ["flows": [["stages": ["m.login.dummy"]]], "params": [:]])
            #expect(Array(body.keys) == ["flows", "params", "session"])
        }
    }

    @Test("the session of a challenge may come along, be left out, or have expired: then there is a new challenge")
    func sessions() async throws {
        try await AccountFixture.run { server in
            let first = try #require(await challenge { try await server.register("alice", auth: nil) })
            server.clock.advance(by: .seconds(15 * 60))
            let second = try #require(
                await challenge { try await server.register("alice", auth: UIAuth(session: first.session, attempt: .dummy)) })
            #expect(second.session != first.session)
            #expect(second.failure == nil)
            try await server.register("alice", auth: UIAuth(session: second.session, attempt: .dummy))
            try await server.register("bob", auth: UIAuth(attempt: .dummy))
            let used = await challenge {
                try await server.register("carol", auth: UIAuth(session: second.session, attempt: .dummy))
            }
            #expect(used != nil)
        }
    }

    @Test("a completed stage holds for its session: a request that failed otherwise comes again with nothing but the session")
    func completedStage() async throws {
        try await AccountFixture.run { server in
            let session = try #require(await challenge { try await server.register("alice", auth: nil) }).session
            await #expect(throws: AccountError.passwordEmpty) {
                try await server.register("alice", password: "", auth: UIAuth(session: session, attempt: .dummy))
            }
            try await server.register("alice", auth: UIAuth(session: session))
        }
    }

    @Test("a stage that is not in the flows fails with the same session")
    func wrongStage() async throws {
        try await AccountFixture.run { server in
            let asked = try #require(await challenge { try await server.register("alice", auth: nil) })
            for attempt in [
                UIAuth.Attempt.other(type: "m.login.recaptcha"), .registrationToken("t"),
                .password(user: "a", password: "secret"),
            ] {
                let auth = UIAuth(session: asked.session, attempt: attempt)
                let again = try #require(await challenge { try await server.register("alice", auth: auth) })
                #expect(again.session == asked.session)
                #expect(again.failure?.code == .unrecognized)
                #expect(again.json["completed"] == [], "clients read it after an attempt, as the specification's example has it")
            }
        }
    }

    @Test(
        "a name that cannot be had is refused before anything else is asked",
        arguments: [
            ("", AccountError.usernameInvalid), ("a b", .usernameInvalid), ("Älice", .usernameInvalid),
            ("\u{212A}ate", .usernameInvalid), ("_HEARTH", .usernameReserved), ("Taken", .usernameTaken),
            ("alice:other.test", .usernameInvalid), ("@alice:hearth.test", .usernameInvalid), ("älice", .usernameInvalid),
            (String(repeating: "a", count: 250), .usernameInvalid), ("_hearth", .usernameReserved), ("taken", .usernameTaken),
        ])
    func names(username: String, error: AccountError) async throws {
        try await AccountFixture.run { server in
            try await server.register("taken")
            await #expect(throws: error) { try await server.register(username, auth: nil) }
            await #expect(throws: error) {
                try await server.accounts.checkAvailability(of: username, from: AccountFixture.address)
            }
        }
    }

    @Test("a name of any allowed character, and one as long as can be, is available and can be had")
    func allowedNames() async throws {
        try await AccountFixture.run { server in
            // "#@", ":" and the server's name must fit into 255 bytes beside it.
            for name in ["a", "0._=-/+z", "_hearth2", String(repeating: "a", count: 241)] {
                try await server.accounts.checkAvailability(of: name, from: AccountFixture.address)
                try await server.register(name)
            }
            await #expect(throws: AccountError.usernameInvalid) {
                try await server.register(String(repeating: "a", count: 242))
            }
        }
    }

    @Test("capitals in a name become small letters, and what was registered so is logged in to so")
    func capitals() async throws {
        try await AccountFixture.run { server in
            try await server.accounts.checkAvailability(of: "Alice.B", from: AccountFixture.address)
            #expect(try await server.register("Alice.B").userID.rawValue == "@alice.b:hearth.test")
            #expect(try await server.logIn("Alice.B").userID.rawValue == "@alice.b:hearth.test")
            await #expect(throws: AccountError.usernameTaken) { try await server.register("ALICE.b") }
        }
    }

    @Test("of many who want one name at once exactly one gets it")
    func race() async throws {
        try await AccountFixture.run { server in
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        do {
                            try await server.register("alice")
                            return true
                        } catch AccountError.usernameTaken {
                            return false
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(winners == 1)
            #expect(server.accounts.tokens.count == 1)
        }
    }

    @Test("without a name the server makes one up; with an inhibited login there is neither device nor token")
    func options() async throws {
        try await AccountFixture.run { server in
            let nameless = try await server.register(nil)
            #expect(nameless.userID.isStrict)
            let quiet = try await server.register("quiet", inhibitLogin: true)
            #expect(quiet.login == nil)
            #expect(try await server.accounts.devices(of: quiet.userID).isEmpty)
            _ = try await server.logIn("quiet")
        }
    }

    @Test(
        "a password has 1 to 512 bytes",
        arguments: [
            (nil, .passwordMissing), ("", .passwordEmpty), (String(repeating: "x", count: 513), .passwordTooLong),
            (String(repeating: "é", count: 256), nil),
        ] as [(String?, AccountError?)])
    func passwords(password: String?, error: AccountError?) async throws {
        try await AccountFixture.run { server in
            if let error {
                await #expect(throws: error) { try await server.register("alice", password: password) }
            } else {
                try await server.register("alice", password: password)
            }
        }
    }

    @Test("where registration is closed nobody registers and nobody learns which names are taken")
    func closed() async throws {
        try await AccountFixture.run(["registration.open": "false"]) { server in
            await #expect(throws: AccountError.registrationClosed) { try await server.register("alice") }
            await #expect(throws: AccountError.registrationClosed) {
                try await server.accounts.checkAvailability(of: "alice", from: AccountFixture.address)
            }
            let admin = try await server.accounts.createUser(localpart: "root", password: "secret", isAdmin: true)
            let login = try await server.logIn("root")
            #expect(try server.accounts.requester(for: login.accessToken).isAdmin)
            #expect(admin == login.userID)
            await #expect(throws: AccountError.usernameTaken) {
                try await server.accounts.createUser(localpart: "root", password: "secret", isAdmin: false)
            }
        }
    }

    @Test("a registration token lets as many register as it says, where registration is not open")
    func registrationTokens() async throws {
        try await AccountFixture.run(["registration.open": "false"]) { server in
            try await server.store.write { try $0.registrationTokens.insert("welcome", usesAllowed: 1, expires: nil) }
            let asked = try #require(await challenge { try await server.register("alice", auth: nil) })
            #expect(asked.flows == [[.registrationToken]])
            let wrong = await challenge {
                try await server.register("alice", auth: UIAuth(session: asked.session, attempt: .registrationToken("guess")))
            }
            #expect(wrong?.failure?.code == .forbidden)
            #expect(wrong?.session == asked.session)
            await #expect(throws: AccountError.passwordMissing) {
                try await server.register(
                    "alice", password: nil, auth: UIAuth(session: asked.session, attempt: .registrationToken("welcome")))
            }
            try await server.register("alice", auth: UIAuth(session: asked.session))
            await #expect(throws: AccountError.registrationClosed) {
                try await server.register("bob", auth: UIAuth(attempt: .registrationToken("welcome")))
            }
        }
    }

    @Test("an address that registers too often waits")
    func limited() async throws {
        try await AccountFixture.run(["rate_limits.enabled": "true"]) { server in
            for index in 0..<20 { try await server.register("user\(index)") }
            let error = await #expect(throws: AccountError.rateLimited(retryAfter: .seconds(30))) {
                try await server.register("late")
            }
            #expect(error?.retryAfterMilliseconds == 30_000)
            let elsewhere = ClientAddress.of(peer: "192.0.2.2", forwardedFor: [], trusted: [])
            _ = try await server.accounts.register(
                RegistrationRequest(username: "other", password: "secret", auth: UIAuth(attempt: .dummy)), from: elsewhere)
            server.clock.advance(by: .seconds(30))
            try await server.register("late")
        }
    }
}

import Foundation
import HearthStore
import MatrixModel
import Testing

@testable import HearthRuntime
@testable import HearthServices
@testable import HearthSettings

@Suite("Login, logout and devices")
struct LoginStories {
    @Test(
        "localpart and whole user id both log in, in capitals too, each time on a new device",
        arguments: ["alice", "@alice:hearth.test", "Alice", "ALICE", "@Alice:hearth.test"])
    func logIn(name: String) async throws {
        try await AccountFixture.run { server in
            let first = try #require(try await server.register("alice").login)
            let second = try await server.logIn(name)
            #expect(second.userID == first.userID)
            #expect(second.deviceID != first.deviceID)
            #expect(server.accounts.tokens.requester(for: first.accessToken) != nil)
            #expect(server.accounts.tokens.requester(for: second.accessToken)?.device == second.deviceID)
        }
    }

    @Test(
        "a wrong password, an unknown user and a name of another server get the same answer",
        arguments: [
            ("alice", "Secret"), ("alice", ""), ("alice", String(repeating: "x", count: 513)), ("bob", "secret"), ("", "secret"),
            ("@alice:other.test", "secret"), ("alice:other.test", "secret"), ("Alicé", "secret"), ("_hearth", "secret"),
            ("@alice", "secret"), ("_Hearth", "secret"), ("Alice", "Secret"), ("@Alice:other.test", "secret"),
        ])
    func wrong(name: String, password: String) async throws {
        try await AccountFixture.run { server in
            try await server.register("alice")
            await #expect(throws: AccountError.wrongCredentials) { try await server.logIn(name, password: password) }
        }
    }

    @Test("filters go with the account that stored them, and nobody else's")
    func filtersOfDeactivated() async throws {
        try await AccountFixture.run { server in
            let alice = try #require(try await server.register("alice").login).userID
            let bob = try #require(try await server.register("bob").login).userID
            let ids = try await server.writer.perform { context in
                try [alice, bob].map { try context.transaction.filters.insert(["room": [:]], for: $0, at: context.age) }
            }
            try await server.accounts.deactivate(alice)
            let (gone, there) = try await server.store.read { store in
                (try store.filters.filter(ids[0], of: alice) == nil, try store.filters.filter(ids[1], of: bob) != nil)
            }
            #expect(gone && there)
        }
    }

    @Test("a login on a known device replaces its token and keeps its name")
    func tokenReplaced() async throws {
        try await AccountFixture.run { server in
            let first = try #require(try await server.register("alice", device: "PHONE").login)
            let key = DeviceKey(user: first.userID, device: first.deviceID)
            try await server.accounts.setDisplayName("My phone", of: key)
            let second = try await server.logIn("alice", device: "PHONE", called: "Another name")
            #expect(throws: AccountError.unknownToken) { try server.accounts.requester(for: first.accessToken) }
            #expect(try server.accounts.requester(for: second.accessToken).key == key)
            #expect(try await server.accounts.devices(of: first.userID).map(\.displayName) == ["My phone"])
            #expect(server.ended.keys.isEmpty)
            #expect(server.accounts.tokens.count == 1)
        }
    }

    @Test("a logout ends one device, a logout of all ends the others, and each end is told once")
    func logOut() async throws {
        try await AccountFixture.run { server in
            try await server.register("bob")
            let phone = try #require(try await server.register("alice", device: "A").login)
            let laptop = try await server.logIn("alice", device: "B")
            let tablet = try await server.logIn("alice", device: "C")
            let requester = try server.accounts.requester(for: phone.accessToken)
            try await server.accounts.logOut(requester)
            #expect(server.ended.keys == [requester.key])
            #expect(!server.accounts.tokens.isLoggedIn(requester.key))
            #expect(throws: AccountError.unknownToken) { try server.accounts.requester(for: phone.accessToken) }
            try await server.accounts.logOutAll(try server.accounts.requester(for: tablet.accessToken))
            #expect(server.ended.keys.map(\.device.rawValue) == ["A", "B", "C"])
            #expect(throws: AccountError.unknownToken) { try server.accounts.requester(for: laptop.accessToken) }
            #expect(try await server.accounts.devices(of: phone.userID).isEmpty)
            #expect(server.accounts.tokens.count == 1)
        }
    }

    @Test("a logout that cannot be written leaves the token valid")
    func failedLogOut() async throws {
        try await AccountFixture.run { server in
            let login = try #require(try await server.register("alice").login)
            let requester = try server.accounts.requester(for: login.accessToken)
            server.ended.fail(true)
            await #expect(throws: AccountError.storage(.storageUnavailable)) { try await server.accounts.logOut(requester) }
            #expect(server.accounts.tokens.requester(for: login.accessToken) == requester)
            #expect(server.accounts.tokens.isLoggedIn(requester.key))
            server.ended.fail(false)
            try await server.accounts.logOut(requester)
            #expect(server.accounts.tokens.requester(for: login.accessToken) == nil)
        }
    }

    @Test("a device that is being ended is logged out for its transaction at once, and for all others from the commit on")
    func endingIsVisibleEarly() async throws {
        try await AccountFixture.run { server in
            let login = try #require(try await server.register("alice").login)
            let key = try server.accounts.requester(for: login.accessToken).key
            let seen = try await server.writer.perform { context in
                try server.accounts.end(key, in: context)
                let tokens = server.accounts.tokens
                return (tokens.isLoggedIn(key, in: context), tokens.isLoggedIn(key))
            }
            #expect(!seen.0)
            #expect(seen.1)
            #expect(!server.accounts.tokens.isLoggedIn(key))
            #expect(server.accounts.tokens.requester(for: login.accessToken) == nil)
        }
    }

    @Test("an end that is undone after the token was taken away gives it back")
    func undoneEnd() async throws {
        try await AccountFixture.run { server in
            let login = try #require(try await server.register("alice").login)
            let requester = try server.accounts.requester(for: login.accessToken)
            for _ in 0..<2 {
                await #expect(throws: AccountFixture.EndedDevices.Refusal.self) {
                    try await server.writer.perform { context in
                        try server.accounts.end(requester.key, in: context)
                        throw AccountFixture.EndedDevices.Refusal()
                    }
                }
                #expect(server.accounts.tokens.requester(for: login.accessToken) == requester)
            }
        }
    }

    @Test("a full disk refuses a login and takes no token away")
    func fullDisk() async throws {
        try await AccountFixture.run { server in
            let login = try #require(try await server.register("alice").login)
            let requester = try server.accounts.requester(for: login.accessToken)
            try server.store.limitPages(to: 1)
            var refusal: AccountError?
            for _ in 0..<2_000 where refusal == nil {
                do throws(AccountError) {
                    _ = try await server.accounts.logIn(
                        LoginRequest(
                            user: "alice", password: "secret", initialDeviceDisplayName: String(repeating: "n", count: 512)),
                        from: AccountFixture.address)
                } catch {
                    refusal = error
                }
            }
            #expect(refusal == .storage(.storageFull))
            #expect(server.accounts.tokens.requester(for: login.accessToken) == requester)
            try server.store.limitPages(to: 1_000_000)
            let later = try await server.logIn("alice")
            #expect(server.accounts.tokens.requester(for: later.accessToken) != nil)
        }
    }

    @Test("tokens and administrators are known again after a restart, and no token is in the files")
    func restart() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-restart-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: directory) } catch {} }
        let settings = try HearthSettings(["accounts.password_cost": "1", "registration.open": "true"])
        let token = try await { () async throws -> String in
            let server = try AccountFixture.open(directory, settings: settings)
            async let running: Void = server.writer.run()
            _ = try await server.accounts.createUser(localpart: "root", password: "secret", isAdmin: true)
            let login = try await server.logIn("root", device: "A")
            server.writer.close()
            try await running
            try server.store.close()
            return login.accessToken
        }()
        for file in try FileManager.default.contentsOfDirectory(atPath: directory) where file.hasPrefix("hearth.db") {
            let bytes = try #require(FileManager.default.contents(atPath: directory + "/" + file))
            #expect(bytes.range(of: Data(token.utf8)) == nil)
            #expect(bytes.range(of: Data("secret".utf8)) == nil)
        }
        let again = try AccountFixture.open(directory, settings: settings)
        let requester = try again.accounts.requester(for: token)
        #expect(requester.user.rawValue == "@root:hearth.test")
        #expect(requester.isAdmin)
    }

    @Test("a device is found, named and not found as its user asks")
    func devices() async throws {
        try await AccountFixture.run { server in
            let login = try #require(try await server.register("alice", device: "A").login)
            let key = DeviceKey(user: login.userID, device: login.deviceID)
            let none = DeviceKey(user: login.userID, device: try #require(DeviceID("none")))
            try await server.accounts.setDisplayName("Phone", of: key)
            try await server.accounts.setDisplayName(nil, of: key)
            #expect(try await server.accounts.device(key).displayName == "Phone")
            await #expect(throws: AccountError.deviceNotFound) { try await server.accounts.device(none) }
            await #expect(throws: AccountError.deviceNotFound) { try await server.accounts.setDisplayName("x", of: none) }
            await #expect(throws: AccountError.displayNameTooLong) {
                try await server.accounts.setDisplayName(String(repeating: "x", count: 513), of: key)
            }
        }
    }

    @Test("devices are deleted with the password of their own user alone")
    func deleteDevices() async throws {
        try await AccountFixture.run { server in
            try await server.register("bob", password: "bob's")
            let keep = try #require(try await server.register("alice", device: "A").login)
            let lost = try await server.logIn("alice", device: "B")
            let requester = try server.accounts.requester(for: keep.accessToken)
            func delete(_ auth: UIAuth?) async -> UIAChallenge? {
                do throws(AccountError) {
                    try await server.accounts.deleteDevices([lost.deviceID], by: requester, auth: auth)
                    return nil
                } catch {
                    guard case .authenticationNeeded(let challenge) = error else {
                        Issue.record("no challenge but \(error)")
                        return nil
                    }
                    return challenge
                }
            }
            let asked = try #require(await delete(nil))
            #expect(asked.flows == [[.password]])
            let attempts: [UIAuth.Attempt] = [
                .password(user: "alice", password: "guess"), .password(user: "bob", password: "bob's"), .dummy,
            ]
            for attempt in attempts {
                let again = await delete(UIAuth(session: asked.session, attempt: attempt))
                #expect(again?.session == asked.session)
                #expect(again?.failure != nil)
            }
            #expect(server.accounts.tokens.requester(for: lost.accessToken) != nil)
            #expect(await delete(UIAuth(session: asked.session, attempt: .password(user: "alice", password: "secret"))) == nil)
            #expect(server.ended.keys.map(\.device) == [lost.deviceID])
            #expect(server.accounts.tokens.requester(for: lost.accessToken) == nil)
            #expect(server.accounts.tokens.requester(for: keep.accessToken) != nil)
            #expect(await delete(UIAuth(attempt: .password(user: "alice", password: "secret"))) == nil)
        }
    }
}

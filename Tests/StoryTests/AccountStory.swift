import HearthTestKit
import MatrixModel
import Testing

/// Accounts that end, and passwords that change, over real HTTP.
@Suite("Ending accounts")
struct AccountStory {
    private static let password = "correct horse battery staple"

    private static func auth(_ client: MatrixClient, _ password: String = password) -> JSON {
        [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": .string(client.userID)],
            "password": .string(password),
        ]
    }

    private static func deactivate(_ client: MatrixClient) async throws {
        let challenge = try await client.post("/account/deactivate", [:], expecting: 401)
        #expect(challenge["flows"] == [["stages": ["m.login.password"]]])
        let session = try challenge.string("session")
        var auth = Self.auth(client, "wrong").objectValue ?? [:]
        auth["session"] = .string(session)
        let wrong = try await client.post("/account/deactivate", ["auth": .object(auth)], expecting: 401)
        #expect(wrong.errorCode == "M_FORBIDDEN")
        auth["password"] = .string(password)
        try await client.post("/account/deactivate", ["auth": .object(auth)])
    }

    @Test("an account that ends leaves its rooms, its peeks and its name, and its profile room is gone for everybody")
    func deactivation() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let tablet = try await hearth.client.login("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await bob.createRoom(["preset": "public_chat"])
            let invitation = try await bob.createRoom(["preset": "private_chat"])
            try await alice.join(room)
            try await bob.invite(alice.userID, to: invitation)
            try await alice.putPresence("busy", statusMessage: "soon gone")
            try await alice.put("/profile/\(alice.userID)/displayname", ["displayname": "Alice"])
            try await alice.setAccountData("m.presence.sharing", ["io.hearth.default": "everyone"])
            let profileRoom = try await bob.peekProfile(of: alice.userID)
            let start = try await bob.sync(setPresence: "offline")
            #expect(start.peeked(profileRoom).ofType("m.presence").last?["content", "presence"] == "busy")

            async let held = bob.sync(since: start.nextBatch, timeout: 10_000, setPresence: "offline")
            async let ownHeld = tablet.request("GET", "/sync", query: ["timeout": "10000", "since": start.nextBatch])
            try await Self.deactivate(alice)
            let end = try await held
            #expect(end["rooms", "leave", profileRoom] != nil, "the peek has ended")
            #expect(end["rooms", "peek"] == nil)
            #expect(end.legacyPresence(of: alice.userID)?["presence"] == "offline", "legacy watchers are told once more")
            let left = end.timeline(of: room).ofType("m.room.member", stateKey: alice.userID)
            #expect(left.last?["content"] == ["membership": "leave"])
            _ = try await ownHeld

            for device in [alice, tablet] {
                #expect(try await device.get("/account/whoami", expecting: 401).errorCode == "M_UNKNOWN_TOKEN")
            }
            try await gone(profileRoom, of: alice, for: bob, anonymous: hearth.client)
            let members = try await bob.get("/rooms/\(invitation)/members")["chunk"]?.arrayValue ?? []
            #expect(members.ofType("m.room.member", stateKey: alice.userID).last?["content", "membership"] == "leave")
            try await hearth.restart()
            try await gone(profileRoom, of: alice, for: bob, anonymous: hearth.client)
            let after = try await bob.sync(since: end.nextBatch, setPresence: "offline")
            #expect(after["rooms", "leave"] == nil && after["presence"] == nil)
            let again = try await bob.sync(since: start.nextBatch, setPresence: "offline")
            #expect(again["rooms", "leave", profileRoom] != nil, "the same token tells the same again")
        }
    }

    /// Nothing of the account can be found or had.
    private func gone(
        _ profileRoom: String, of alice: MatrixClient, for bob: MatrixClient, anonymous: MatrixClient
    ) async throws {
        for path: MatrixPath in [
            "/rooms/\(profileRoom)/state", "/rooms/\(profileRoom)/state/m.presence", "/rooms/\(profileRoom)/state/m.status",
            "/rooms/\(profileRoom)/state/m.profile", "/rooms/\(profileRoom)/members", "/rooms/\(profileRoom)/messages?dir=b",
            "/profile/\(alice.userID)", "/profile/\(alice.userID)/displayname", "/profile/\(alice.userID)/m.status",
            "/directory/room/\("#\(alice.userID)")",
        ] {
            #expect(try await bob.get(path, expecting: 404).errorCode == "M_NOT_FOUND", "\(path)")
        }
        #expect(try await bob.post("/peek/\(profileRoom)", expecting: 404).errorCode == "M_NOT_FOUND")
        #expect(try await bob.post("/peek/\("#\(alice.userID)")", expecting: 404).errorCode == "M_NOT_FOUND")
        #expect(try await bob.legacyPresence(of: alice.userID, expecting: 403).errorCode == "M_FORBIDDEN")
        let login: JSON = [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": "alice"],
            "password": .string(Self.password),
        ]
        #expect(try await anonymous.post("/login", login, expecting: 403).errorCode == "M_USER_DEACTIVATED")
        let registration: JSON = ["username": "alice", "password": "x", "auth": ["type": "m.login.dummy"]]
        #expect(try await anonymous.post("/register", registration, expecting: 400).errorCode == "M_USER_IN_USE")
    }

    @Test(
        "a new password takes the old one once, and logs out all other devices unless asked not to",
        arguments: [nil, true, false])
    func password(logsOut: Bool?) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let tablet = try await hearth.client.login("alice")
            var body: JSONObject = ["new_password": "another one"]
            body["logout_devices"] = logsOut.map { .bool($0) }
            let challenge = try await alice.post("/account/password", .object(body), expecting: 401)
            #expect(challenge["flows"] == [["stages": ["m.login.password"]]])
            body["auth"] = Self.auth(alice, "wrong")
            #expect(try await alice.post("/account/password", .object(body), expecting: 401).errorCode == "M_FORBIDDEN")
            body["auth"] = Self.auth(alice)
            try await alice.post("/account/password", .object(body))
            _ = try await alice.get("/account/whoami")
            _ = try await tablet.get("/account/whoami", expecting: logsOut == false ? 200 : 401)
            _ = try await hearth.client.login("alice", password: "another one")
            let old: JSON = [
                "type": "m.login.password", "identifier": ["type": "m.id.user", "user": "alice"],
                "password": .string(Self.password),
            ]
            #expect(try await hearth.client.post("/login", old, expecting: 403).errorCode == "M_FORBIDDEN")
        }
    }

    @Test("a password that may not be one changes nothing")
    func badPasswords() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let tablet = try await hearth.client.login("alice")
            let cases: [(JSON?, String)] = [
                (nil, "M_MISSING_PARAM"), ("", "M_WEAK_PASSWORD"),
                (.string(String(repeating: "x", count: 513)), "M_INVALID_PARAM"),
                (7, "M_BAD_JSON"),
            ]
            for (password, code) in cases {
                var body: JSONObject = ["auth": Self.auth(alice)]
                body["new_password"] = password
                #expect(try await alice.post("/account/password", .object(body), expecting: 400).errorCode == code)
            }
            _ = try await tablet.get("/account/whoami")
            _ = try await hearth.client.login("alice")
        }
    }
}

import HearthTestKit
import MatrixModel
import Testing

/// Whose a choice is, over real HTTP: what ends one, what one's own view tells of it, and how account data takes part.
@Suite("Choices of people and of devices")
struct ChoiceStory {
    private static let password = "correct horse battery staple"

    private static func presence(of user: MatrixClient, for viewer: MatrixClient) async throws -> String? {
        try await viewer.legacyPresence(of: user.userID)["presence"]?.stringValue
    }

    private static func confirm(_ client: MatrixClient, _ path: MatrixPath, _ body: JSONObject) async throws {
        let challenge = try await client.post(path, .object(body), expecting: 401)
        var body = body
        body["auth"] = [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": .string(client.userID)],
            "password": .string(password), "session": .string(try challenge.string("session")),
        ]
        try await client.post(path, .object(body))
    }

    @Test(
        "a phone that hides its user ends that with its log-out, whoever logs it out",
        arguments: ["the phone itself", "deletion", "a new password", "everything"])
    func logOuts(way: String) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice", deviceID: "DESKTOP")
            let phone = try await hearth.client.login("alice", deviceID: "PHONE")
            let bob = try await hearth.client.register("bob")
            try await bob.join(try await alice.createRoom(["preset": "public_chat"]))
            _ = try await alice.sync(setPresence: "online")
            try await phone.putPresence("offline")
            _ = try await alice.putPresence("online", statusMessage: "not your business")
            #expect(try await Self.presence(of: alice, for: bob) == "offline")
            switch way {
            case "deletion": try await Self.confirm(alice, "/delete_devices", ["devices": ["PHONE"]])
            case "a new password":
                try await Self.confirm(alice, "/account/password", ["new_password": "another horse battery staple"])
            case "everything":
                try await phone.post("/logout/all")
                let again = try await hearth.client.login("alice", deviceID: "DESKTOP")
                #expect(try await again.ownPresence()["io.hearth.choices"] == [])
                return
            default: try await phone.logOut()
            }
            try await eventually("alice is seen again") { try await Self.presence(of: alice, for: bob) == "online" }
            #expect(try await alice.ownPresence()["io.hearth.choices"] == [])
        }
    }

    @Test("a log-in with the same device id, a restart and a kill leave what the device chose")
    func logInAgain() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice", deviceID: "DESKTOP")
            let phone = try await hearth.client.login("alice", deviceID: "PHONE")
            _ = try await alice.sync(setPresence: "online")
            try await phone.putPresence("offline")
            _ = try await hearth.client.login("alice", deviceID: "PHONE")
            try await hearth.restart()
            hearth.kill()
            try await hearth.start()
            _ = try await alice.sync(setPresence: "online")
            let own = try await alice.ownPresence()
            #expect(own["presence"] == "offline")
            #expect(own["io.hearth.manual", "by"] == "device" && own["io.hearth.manual", "device_id"] == "PHONE")
        }
    }

    @Test("one's own view tells all choices in the order of their force, and a deletion takes one device's or all")
    func ownView() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice", deviceID: "DESKTOP")
            let phone = try await hearth.client.login("alice", deviceID: "PHONE")
            try await phone.putPresence("unavailable")
            try await alice.putPresence("busy")
            try await alice.putPresence("unavailable", fields: ["io.hearth.manual": true])
            let choices = try await alice.ownPresence()["io.hearth.choices"]?.arrayValue ?? []
            #expect(choices.map { $0["by"] } == ["user", "device", "away"])
            #expect(choices.map { $0["device_id"] } == [nil, "DESKTOP", "PHONE"])
            #expect(choices.map { $0["presence"] } == ["unavailable", "busy", "unavailable"])
            #expect(choices.map { $0["expires_ts"] != nil } == [true, true, false])
            #expect(try await alice.legacyPresence(of: alice.userID)["io.hearth.choices"]?.arrayValue == choices)

            let path: MatrixPath = "/_matrix/client/unstable/io.hearth/presence/\(alice.userID)/status"
            #expect(try await alice.request("DELETE", path, query: ["device_id": "PHONE"]).status == 200)
            #expect(try await alice.request("DELETE", path, query: ["device_id": "PHONE"]).errorCode == "M_NOT_FOUND")
            #expect(try await alice.ownPresence()["io.hearth.choices"]?.arrayValue?.count == 2)
            try await alice.delete(path)
            try await alice.delete(path)
            #expect(try await alice.ownPresence()["io.hearth.manual"]?.isNull == true)
        }
    }

    @Test("account data chooses for its user, is refused where it is too long, and hides a call of the profile with its user")
    func accountData() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            try await bob.join(try await alice.createRoom(["preset": "public_chat"]))
            _ = try await alice.sync(setPresence: "online")
            try await alice.put("/profile/\(alice.userID)/m.call", ["m.call": ["call_joined_ts": 1_770_140_640]])
            #expect(try await alice.ownPresence()["io.hearth.reason"] == "call")
            #expect(try await Self.presence(of: alice, for: bob) == "org.matrix.msc3026.busy")
            try await alice.setAccountData("m.presence.persistent", ["state_override": "offline", "org.example": 1])
            #expect(try await Self.presence(of: alice, for: bob) == "offline")
            #expect(try await bob.get("/profile/\(alice.userID)/m.call", expecting: 404).errorCode == "M_NOT_FOUND")
            let long = JSON.string(String(repeating: "x", count: 257))
            let refused = try await alice.put(
                "/user/\(alice.userID)/account_data/m.presence.persistent", ["status": ["msg": long]], expecting: 400)
            #expect(refused.errorCode == "M_TOO_LARGE")
            let stored = try await alice.get("/user/\(alice.userID)/account_data/m.presence.persistent").json
            #expect(stored == ["state_override": "offline", "org.example": 1])
            try await alice.clearPresence()
            #expect(
                try await alice.get("/user/\(alice.userID)/account_data/m.presence.persistent").json == ["org.example": 1])
            #expect(try await Self.presence(of: alice, for: bob) == "org.matrix.msc3026.busy")
            try await alice.delete("/profile/\(alice.userID)/m.call")
            #expect(try await alice.ownPresence()["io.hearth.reason"] == "online")
        }
    }

    private func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while try await !condition() {
            guard ContinuousClock.now < deadline else { throw Overdue(what: what) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private struct Overdue: Error {
        let what: String
    }
}

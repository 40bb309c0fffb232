import HearthTestKit
import MatrixModel
import Testing

/// Alice, of whom every table has a row, and Bob, who shares two rooms with her and looks at her profile.
struct StoredValuesScene {
    let alice: MatrixClient
    let bob: MatrixClient
    /// The room that Alice made, and the one that Bob made.
    let aliceRoom: String
    let bobRoom: String
    /// Alice's message in Bob's room.
    let message: String
    let aliceProfile: String

    init(on hearth: HearthProcess) async throws {
        alice = try await hearth.client.register("alice")
        bob = try await hearth.client.register("bob")
        aliceRoom = try await alice.createRoom(["preset": "public_chat", "name": "Alice's"])
        bobRoom = try await bob.createRoom(["preset": "public_chat", "name": "Bob's"])
        try await bob.join(aliceRoom)
        try await alice.join(bobRoom)
        for name in ["Alice", "Alice L."] {
            try await alice.put("/profile/\(alice.userID)/displayname", ["displayname": .string(name)])
        }
        try await alice.setState("m.room.name", ["name": "Hers"], in: aliceRoom)
        message = try await alice.sendText("mine", to: bobRoom)
        aliceProfile = try await bob.peekProfile(of: alice.userID)
        try await alice.putPresence("busy", statusMessage: "deep in thought")
        try await alice.put("/profile/\(alice.userID)/m.call", ["m.call": ["call_joined_ts": 1_770_140_640]])
        for client in [alice, bob] { try await Self.store(by: client, room: aliceRoom) }
        let identity = try CrossSigningSet(of: alice.userID)
        try await alice.post("/keys/device_signing/upload", .object(identity.upload))
        try await bob.sendToDevice(
            "m.test", .pairs((alice.userID, .pairs((alice.deviceID, ["secret": "for alice"])))), transactionID: "t")
        try await bob.send(
            "m.room.message", ["msgtype": "m.text", "body": "alice?", "m.mentions": ["user_ids": [.string(alice.userID)]]],
            to: bobRoom)
    }

    /// What users store for themselves.
    private static func store(by client: MatrixClient, room: String) async throws {
        let user = client.userID
        try await client.setAccountData("m.test", ["of": .string(user)])
        try await client.put("/user/\(user)/rooms/\(room)/account_data/m.test", ["of": .string(user)])
        try await client.setAccountData("m.presence.sharing", ["share_locally": true])
        try await client.put("/pushrules/global/content/tea", ["pattern": "tea", "actions": ["notify"]])
        try await client.post("/user/\(user)/filter", ["room": ["timeline": ["limit": 20]]])
        try await client.post(
            "/pushers/set",
            [
                "app_id": "io.hearth.test", "pushkey": .string(user), "kind": "http", "app_display_name": "Test",
                "device_display_name": "Test", "lang": "en", "data": ["url": "https://push.invalid/_matrix/push/v1/notify"],
            ])
        try await client.uploadKeys([
            "device_keys": .object(client.deviceKeys()), "one_time_keys": MatrixClient.oneTimeKeys(1...2),
            "fallback_keys": MatrixClient.oneTimeKeys(9...9, isFallback: true),
        ])
        let version = try await client.post(
            "/room_keys/version", ["algorithm": "m.test", "auth_data": ["public_key": "k"]]
        ).string("version")
        let session: JSON = [
            "first_message_index": 0, "forwarded_count": 0, "is_verified": true, "session_data": ["ciphertext": "x"],
        ]
        let path: MatrixPath = "/room_keys/keys/\(room)/s"
        let stored = try await client.request("PUT", path, query: ["version": version], body: session)
        try #require(stored.status == 200, "\(path): \(stored.json.text)")
    }

    /// Everything that Bob asks, some of it about Alice. Returns what was not as it should be.
    func faultsForBob() async throws -> [String] {
        var faults: [String] = []
        func ask(
            _ method: String, _ path: MatrixPath, query: [String: String] = [:], _ body: JSON? = nil, allowing: Set<Int> = [200]
        ) async throws -> MatrixResponse? {
            do {
                let answer = try await bob.request(method, path, query: query, body: body)
                if !allowing.contains(answer.status) { faults.append("\(method) \(path): \(answer.status) \(answer.json.text)") }
                return answer
            } catch {
                faults.append("\(method) \(path): \(error)")
                return nil
            }
        }
        let start = try await ask("GET", "/sync", query: ["full_state": "true", "set_presence": "offline"])
        for room in [aliceRoom, bobRoom] {
            let sent = try await ask(
                "PUT", "/rooms/\(room)/send/m.room.message/\(String(UInt32.random(in: 0...UInt32.max)))",
                ["msgtype": "m.text", "body": "tea, alice?"])
            for part in ["messages", "members", "joined_members", "state", "aliases"] {
                _ = try await ask("GET", "/rooms/\(room)/\(raw: part)", query: ["dir": "b"])
            }
            if let id = sent?["event_id"]?.stringValue { _ = try await ask("GET", "/rooms/\(room)/context/\(id)") }
        }
        if let since = start?["next_batch"]?.stringValue {
            let news = try await ask("GET", "/sync", query: ["since": since, "set_presence": "offline"])
            for room in [aliceRoom, bobRoom]
            where news?.json["rooms", "join", room, "timeline", "events"]?.arrayValue?.isEmpty != false {
                faults.append("the sync does not bring what Bob sent to \(room)")
            }
        }
        _ = try await ask("GET", "/profile/\(alice.userID)")
        _ = try await ask("GET", "/presence/\(alice.userID)/status", allowing: [200, 403])
        _ = try await ask("POST", "/peek/\(aliceProfile)", [:])
        _ = try await ask("GET", "/rooms/\(aliceProfile)/state")
        _ = try await ask("POST", "/keys/query", ["device_keys": .pairs((alice.userID, []), (bob.userID, []))])
        _ = try await ask(
            "POST", "/keys/claim", ["one_time_keys": .pairs((alice.userID, .pairs((alice.deviceID, "signed_curve25519"))))])
        _ = try await ask(
            "PUT", "/sendToDevice/m.test/\(String(UInt32.random(in: 0...UInt32.max)))",
            ["messages": .pairs((alice.userID, .pairs((alice.deviceID, ["x": 1]))))])
        _ = try await ask("POST", "/user_directory/search", ["search_term": "alice"])
        _ = try await ask("GET", "/notifications")
        _ = try await ask("PUT", "/presence/\(bob.userID)/status", ["presence": "busy"])
        let own = try await ask("GET", "/user/\(bob.userID)/account_data/m.test")
        if own?["of"] != .string(bob.userID) { faults.append("Bob's account data is gone") }
        let rule = try await ask("GET", "/pushrules/global/content/tea")
        if rule?["pattern"] != "tea" { faults.append("Bob's push rule is gone") }
        _ = try await ask("GET", "/user/\(bob.userID)/filter/1")
        _ = try await ask("GET", "/room_keys/keys", query: ["version": "1"])
        _ = try await ask("GET", "/pushers")
        return faults
    }

    /// Bob moderates: he takes back what Alice wrote and puts her out of his room.
    func moderate() async throws {
        try await bob.put("/rooms/\(bobRoom)/redact/\(message)/r\(String(UInt32.random(in: 0...UInt32.max)))", [:])
        try await bob.post("/rooms/\(bobRoom)/kick", ["user_id": .string(alice.userID)])
        try await bob.post("/rooms/\(bobRoom)/ban", ["user_id": .string(alice.userID)])
    }
}

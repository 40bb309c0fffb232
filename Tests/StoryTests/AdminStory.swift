import HearthTestKit
import MatrixModel
import Testing

/// What administrators ask of the server, over real HTTP.
@Suite("Administration")
struct AdminStory {
    @Test("administrators alone are let in: others get 403, nobody at all 401")
    func whoMay() async throws {
        try await withHearth { hearth in
            let admin = try await hearth.makeAdmin("admin")
            let alice = try await hearth.client.register("alice")
            _ = try await admin.get("/_hearth/admin/v1/overview")
            #expect(try await alice.get("/_hearth/admin/v1/overview", expecting: 403).errorCode == "M_FORBIDDEN")
            #expect(try await hearth.client.get("/_hearth/admin/v1/overview", expecting: 401).errorCode == "M_MISSING_TOKEN")
            #expect(try await admin.get("/_hearth/admin/v1/nothing", expecting: 404).errorCode == "M_UNRECOGNIZED")
            #expect(try await admin.post("/_hearth/admin/v1/overview", expecting: 405).errorCode == "M_UNRECOGNIZED")
        }
    }

    @Test("the overview tells of held syncs, watchers, changes, latencies and legacy clients")
    func overview() async throws {
        try await withHearth(settings: ["sync.presence_wake_interval": "0ms"]) { hearth in
            let admin = try await hearth.makeAdmin("admin")
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await bob.createRoom(["preset": "public_chat"])
            try await alice.join(room)
            try await bob.peekProfile(of: alice.userID)
            let start = try await bob.sync(setPresence: "offline")

            let quiet = try await admin.get("/_hearth/admin/v1/overview").json
            #expect(quiet["users"] == 3)
            #expect(quiet["devices"] == 3)
            #expect(quiet["live_peeks"] == 1)
            #expect(quiet["watching_devices"] == 1)
            #expect(quiet["wakeup_latency_ms"] == .null)
            #expect(quiet["database_bytes"]?.integerValue ?? 0 > 10_000)
            #expect(quiet["version"]?.stringValue?.isEmpty == false)

            async let news = bob.syncUntil(since: start.nextBatch) { $0.legacyPresence(of: alice.userID) != nil }
            try await eventually("bob's sync is held") {
                try await admin.get("/_hearth/admin/v1/overview")["held_syncs"] == 1
            }
            try await alice.putPresence("busy")
            _ = try await news
            let after = try await admin.get("/_hearth/admin/v1/overview").json
            #expect(after["held_syncs"] == 0)
            #expect(after["publish_latency_ms", "count"]?.integerValue ?? 0 > 0)
            #expect(after["wakeup_latency_ms", "count"] == 1)
            #expect(after["wakeup_latency_ms", "p99"]?.milliseconds ?? -1 >= 0)
            #expect(after["legacy", "verdict"] == "in_use")
            #expect(after["legacy", "safe_to_switch_off"] == false)
            #expect(after["legacy", "clients"]?.arrayValue?.first?["uses"]?.integerValue ?? 0 > 0)
            try await eventually("the change is counted in the last minute") {
                try await admin.get("/_hearth/admin/v1/overview")["transitions_per_second", "last_minute"]?.milliseconds ?? 0 > 0
            }
        }
    }

    @Test("why somebody is busy, online or offline: the rule, the cause and the device of each change, newest first")
    func why() async throws {
        try await withHearth(settings: ["presence.settle": "0ms"]) { hearth in
            let admin = try await hearth.makeAdmin("admin")
            let phone = try await hearth.client.register("bob", deviceID: "PHONE")
            let laptop = try await hearth.client.login("bob", deviceID: "LAPTOP")
            let path: MatrixPath = "/_hearth/admin/v1/users/\(phone.userID)/presence/why"
            #expect(try await admin.get(path)["changes"] == [])

            try await phone.putPresence("busy")
            try await laptop.putPresence("online", fields: ["io.hearth.manual": true])
            try await phone.putPresence("offline")
            let why = try await admin.get(path).json
            let told = why["changes"]?.arrayValue?.map { change in
                ["previous", "presence", "reason", "cause", "device_id"].map { change[$0]?.stringValue ?? "-" }
            }
            #expect(
                told == [
                    ["online", "offline", "manual_offline", "put", "PHONE"],
                    ["busy", "online", "online", "put", "LAPTOP"],
                    ["offline", "busy", "busy", "put", "PHONE"],
                ])
            #expect(why["presence"] == "offline")
            #expect(why["published"] == "offline")
            #expect(why["io.hearth.reason"] == "manual_offline")
            let sources = why["io.hearth.sources"]?.arrayValue ?? []
            #expect(sources.map { $0["device_id"] } == ["LAPTOP", "PHONE"])

            try await phone.clearPresence()
            try await laptop.logOut()
            try await phone.logOut()
            try await eventually("the log-out of the last device is told as such") {
                let last = try await admin.get(path)["changes"]?.arrayValue?.first
                return last?["reason"] == "unreachable" && last?["cause"] == "logout" && last?["device_id"] == "PHONE"
            }

            let looks = hearth.errorOutput.split(separator: "\n").filter { $0.contains("looked at why") }
            #expect(looks.count >= 3)
            #expect(looks.allSatisfy { $0.contains("admin=@admin:localhost") && $0.contains("user=@bob:localhost") })
            _ = try await admin.get("/_hearth/admin/v1/users/%40none%3Alocalhost/presence/why", expecting: 404)
            _ = try await phone.login("bob").get(path, expecting: 403)
        }
    }

    @Test("users are listed page by page, found by a part of their ids, and shown with their devices")
    func users() async throws {
        try await withHearth { hearth in
            let admin = try await hearth.makeAdmin("admin")
            for name in ["bob", "bobby", "carl_x", "carla"] { _ = try await hearth.client.register(name, deviceID: "D") }
            func ids(_ query: [String: String]) async throws -> (ids: [String], next: String?) {
                let page = try await admin.get("/_hearth/admin/v1/users", query: query).json
                return (page["users"]?.arrayValue?.compactMap { $0["user_id"]?.stringValue } ?? [], page["next"]?.stringValue)
            }
            let first = try await ids(["limit": "3"])
            #expect(first.ids == ["@admin:localhost", "@bob:localhost", "@bobby:localhost"])
            let second = try await ids(["limit": "3", "from": first.next ?? ""])
            #expect(second.ids == ["@carl_x:localhost", "@carla:localhost"])
            #expect(second.next == nil)
            #expect(try await ids(["search": "BOB"]).ids == ["@bob:localhost", "@bobby:localhost"])
            #expect(try await ids(["search": "l_x"]).ids == ["@carl_x:localhost"], "an underscore is no wildcard")
            #expect(try await ids(["search": "%"]).ids == [])

            let bob = try await admin.get("/_hearth/admin/v1/users/@bob:localhost").json
            #expect(bob["admin"] == false)
            #expect(bob["deactivated"] == false)
            #expect(bob["devices"]?.arrayValue?.map { $0["device_id"] } == ["D"])
            #expect(try await admin.get("/_hearth/admin/v1/users/@nobody:localhost", expecting: 404).errorCode == "M_NOT_FOUND")
            #expect(try await admin.get("/_hearth/admin/v1/users/nobody", expecting: 400).errorCode == "M_INVALID_PARAM")
        }
    }

    @Test("who is deactivated by an administrator is logged out, cannot log in, and goes offline")
    func deactivates() async throws {
        try await withHearth { hearth in
            let admin = try await hearth.makeAdmin("admin")
            let bob = try await hearth.client.register("bob")
            try await bob.putPresence("busy")
            for _ in 1...2 { try await admin.post("/_hearth/admin/v1/users/\(bob.userID)/deactivate") }
            #expect(try await bob.get("/account/whoami", expecting: 401).errorCode == "M_UNKNOWN_TOKEN")
            await #expect(throws: UnexpectedResponse.self) { try await hearth.client.login("bob") }
            let shown = try await admin.get("/_hearth/admin/v1/users/\(bob.userID)").json
            #expect(shown["deactivated"] == true)
            #expect(shown["presence"] == "offline")
            #expect(try await admin.get("/_hearth/admin/v1/users/\(bob.userID)/presence/why")["changes"] == [])
            #expect(
                try await admin.post(
                    "/_hearth/admin/v1/users/\(bob.userID)/reset_password", ["new_password": "x"], expecting: 403
                ).errorCode == "M_USER_DEACTIVATED")
        }
    }

    @Test("a reset password is good for the next login and the old one is not; devices stay logged in if asked to")
    func resetsPassword() async throws {
        try await withHearth { hearth in
            let admin = try await hearth.makeAdmin("admin")
            let bob = try await hearth.client.register("bob", password: "the old one")
            let path: MatrixPath = "/_hearth/admin/v1/users/\(bob.userID)/reset_password"
            try await admin.post(path, ["new_password": "the second", "logout_devices": false])
            _ = try await bob.get("/account/whoami")
            await #expect(throws: UnexpectedResponse.self) { try await hearth.client.login("bob", password: "the old one") }
            let laptop = try await hearth.client.login("bob", password: "the second")

            try await admin.post(path, ["new_password": "the third"])
            _ = try await bob.get("/account/whoami", expecting: 401)
            _ = try await laptop.get("/account/whoami", expecting: 401)
            _ = try await hearth.client.login("bob", password: "the third")
            #expect(!hearth.errorOutput.contains("the third"), "no password is logged")
        }
    }

    @Test("registration tokens are made, listed with their uses, and void once they are removed")
    func registrationTokens() async throws {
        try await withHearth(settings: ["registration.open": "false"]) { hearth in
            let admin = try await hearth.makeAdmin("admin")
            let path: MatrixPath = "/_hearth/admin/v1/registration_tokens"
            let token = try await admin.post(path, ["uses_allowed": 3, "lifetime_ms": 3_600_000]).string("token")
            let body: JSON = [
                "username": "bob", "password": "correct horse",
                "auth": ["type": "m.login.registration_token", "token": .string(token)],
            ]
            try await hearth.client.post("/register", body)
            let listed = try await admin.get(path)["registration_tokens"]?.arrayValue
            #expect(listed?.count == 1)
            #expect(listed?.first?["token"] == .string(token))
            #expect(listed?.first?["uses_allowed"] == 3)
            #expect(listed?.first?["uses_completed"] == 1)
            #expect(listed?.first?["expires_ts"]?.integerValue != nil)
            try await admin.delete("/_hearth/admin/v1/registration_tokens/\(token)")
            try await admin.delete("/_hearth/admin/v1/registration_tokens/\(token)", expecting: 404)
            try await hearth.client.post("/register", ["username": "carl", "password": "x"], expecting: 403)
        }
    }

    @Test("with a listener of its own the admin API is gone where clients connect, and clients are served there too")
    func ownListener() async throws {
        try await withHearth(settings: ["admin.listen": "127.0.0.1:0"]) { hearth in
            let admin = try await hearth.makeAdmin("admin")
            #expect(try await admin.get("/_hearth/admin/v1/overview", expecting: 404).errorCode == "M_UNRECOGNIZED")
            let inside = admin.at(try await hearth.listenerURL("admin"))
            _ = try await inside.get("/_hearth/admin/v1/overview")
            #expect(try await inside.get("/account/whoami")["user_id"] == .string(admin.userID))
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

extension JSON {
    /// A number with or without a fraction.
    fileprivate var milliseconds: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}

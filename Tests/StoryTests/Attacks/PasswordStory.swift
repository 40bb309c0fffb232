import HearthTestKit
import MatrixModel
import Testing

/// Whoever guesses passwords, or has stolen a token, against the owner of the account and against everybody else.
@Suite("Attacks on passwords")
struct PasswordStory {
    private static let password = "correct horse battery staple"

    /// A hash takes some 50 ms of a processor, in a debug build as in a release: as with the defaults there are far more of them than a
    /// machine makes in a second, and the bystander's own still fits into what it may have to wait.
    private static let settings = Bystander.defaultLimits.merging([
        "accounts.password_cost": Bystander.patience < .seconds(1) ? "13" : "8", "listen.trusted_proxies": "127.0.0.1",
    ]) { $1 }

    private static func logIn(_ client: MatrixClient, as user: String, _ password: String = password) async throws
        -> MatrixResponse
    {
        try await client.request(
            "POST", "/login",
            body: [
                "type": "m.login.password", "identifier": ["type": "m.id.user", "user": .string(user)],
                "password": .string(password),
            ])
    }

    private static func auth(_ client: MatrixClient, _ password: String = password, session: String? = nil) -> JSON {
        var auth: JSONObject = [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": .string(client.userID)],
            "password": .string(password),
        ]
        auth["session"] = session.map { .string($0) }
        return .object(auth)
    }

    /// Many at once, each from a network of its own.
    private static func storm(
        _ hearth: HearthProcess, _ count: Int, network: String, as user: @escaping @Sendable (Int) -> String
    ) async throws -> [Int] {
        let stranger = hearth.client
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<count {
                group.addTask {
                    try await logIn(stranger.from("\(network).\(number)"), as: user(number), "guess \(number)").status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test("a storm of guesses from 64 networks, at accounts that are there and at others, delays nobody who has logged in before")
    func storm() async throws {
        try await withHearth(settings: Self.settings) { hearth in
            let bystander = try await Bystander(on: hearth)
            let (statuses, report) = try await bystander.whileEnduring {
                var statuses: [Int] = []
                for round in 0..<16 {
                    statuses += try await Self.storm(hearth, 64, network: "198.51.\(round)") { number in
                        number.isMultiple(of: 2) ? "bystander-other" : "nobody-\(number)"
                    }
                }
                return statuses
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            #expect(Set(statuses).isSubset(of: [403, 429]))
            #expect(statuses.contains(403))
            print("storm of guesses: \(report.summary); VmHWM \(try hearth.memory("VmHWM") >> 10) MiB")
            try await hearth.restart()
            #expect(try await Self.logIn(hearth.client, as: "bystander").status == 200)
        }
    }

    @Test(
        "strangers who guess keep an owner out of nothing: neither of log-in, nor of a new password, nor of the end of the account"
    )
    func lockOut() async throws {
        try await withHearth(settings: Self.settings) { hearth in
            let bystander = try await Bystander(on: hearth)
            let alice = try await hearth.client.from("203.0.113.1").register("alice")
            let (_, report) = try await bystander.whileEnduring {
                for round in 0..<3 {
                    _ = try await Self.storm(hearth, 40, network: "192.0.\(round + 4)") { _ in "alice" }
                    for _ in 0..<8 { _ = try await Self.logIn(hearth.client.from("198.51.100.9"), as: "alice", "guess") }
                    #expect(try await Self.logIn(hearth.client.from("203.0.113.1"), as: "alice").status == 200)
                }
                try await alice.post("/account/password", ["new_password": "another one", "auth": Self.auth(alice)])
                #expect(try await Self.logIn(hearth.client.from("203.0.113.1"), as: "alice", "another one").status == 200)
                try await alice.post("/account/deactivate", ["auth": Self.auth(alice, "another one")])
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
        }
    }

    @Test("a token and an open session set no password that its owner does not confirm, however the session came to be")
    func sessions() async throws {
        try await withHearth(settings: Self.settings) { hearth in
            let bystander = try await Bystander(on: hearth)
            let (_, report) = try await bystander.whileEnduring {
                let path: MatrixPath = "/account/password"
                let owner = try await hearth.client.register("alice", deviceID: "PHONE")
                let stolen = try await hearth.client.login("alice", deviceID: "STOLEN")
                /// Opens a session and completes it: what is missing is the new password alone.
                func openSession(_ client: MatrixClient, _ password: String) async throws -> String {
                    let session = try await client.post(path, [:], expecting: 401).string("session")
                    try await client.post(path, ["auth": Self.auth(client, password, session: session)], expecting: 400)
                    return session
                }
                func tries(_ session: String, _ client: MatrixClient) async throws {
                    let answer = try await client.request(
                        "POST", path, body: ["new_password": "stolen", "auth": ["session": .string(session)]])
                    #expect(answer.status == 401, "\(answer.json.text)")
                }
                // Another request than the one that was confirmed, and another device.
                let own = try await openSession(owner, Self.password)
                try await tries(own, stolen)
                try await tries(own, owner)
                // The same request, after the password was changed elsewhere.
                let body: JSON = ["new_password": "stolen", "logout_devices": false]
                let open = try await stolen.post(path, body, expecting: 401).string("session")
                let change: JSON = ["new_password": "second", "logout_devices": false, "auth": Self.auth(owner)]
                let early = try await openSession(stolen, Self.password)
                try await owner.post(path, change)
                try await tries(early, stolen)
                try await tries(open, stolen)
                // After the device was logged out and its name taken by another log-in.
                let mine = try await openSession(stolen, "second")
                try await stolen.logOut()
                let again = try await hearth.client.login("alice", password: "second", deviceID: "STOLEN")
                try await tries(mine, again)
                #expect(try await Self.logIn(hearth.client, as: "alice", "stolen").status == 403)
                #expect(try await Self.logIn(hearth.client, as: "alice", "second").status == 200)
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
        }
    }

    @Test(
        "log-ins with the old password beside its change leave no device that outlives the log-out of all",
        arguments: [false, true])
    func race(byAdministrator: Bool) async throws {
        try await withHearth(settings: Self.settings.merging(["rate_limits.enabled": "false"]) { $1 }) { hearth in
            let bystander = try await Bystander(on: hearth)
            let alice = try await hearth.client.register("alice")
            let admin = try await hearth.makeAdmin("root")
            let (tokens, report) = try await bystander.whileEnduring {
                try await withThrowingTaskGroup(of: [MatrixClient].self) { group in
                    for thief in 0..<8 {
                        group.addTask {
                            var clients: [MatrixClient] = []
                            while true {
                                do {
                                    clients.append(try await hearth.client.from("198.51.100.\(thief)").login("alice"))
                                } catch is UnexpectedResponse {
                                    return clients
                                }
                            }
                        }
                    }
                    try await Task.sleep(for: .milliseconds(800))
                    if byAdministrator {
                        try await admin.post("/_hearth/admin/v1/users/\(alice.userID)/reset_password", ["new_password": "new"])
                    } else {
                        try await alice.post("/account/password", ["new_password": "new", "auth": Self.auth(alice)])
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
            }
            #expect(!tokens.isEmpty)
            for client in tokens {
                #expect(try await client.request("GET", "/account/whoami").status == 401)
            }
            #expect(report.faults == [])
            let now = try await hearth.client.login("alice", password: "new")
            let devices = try await now.get("/devices")["devices"]?.arrayValue ?? []
            #expect(devices.count == (byAdministrator ? 1 : 2))
        }
    }
}

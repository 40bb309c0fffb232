import HearthTestKit
import MatrixModel
import Testing

/// One user, or one address, that asks for more than its part of what is others' as well.
@Suite("Attacks by asking for much", .serialized)
struct AskersStory {
    private static let untilRefused = 600
    /// The limits as they are, and clients whose address is theirs to say.
    private static let settings = Bystander.defaultLimits.merging(["listen.trusted_proxies": "127.0.0.1"]) { $1 }

    @Test("whoever looks up profiles, aliases and listings without a token has to wait at some point, and nobody else does")
    func lookUps() async throws {
        try await withHearth(settings: Self.settings) { hearth in
            let bystander = try await Bystander(on: hearth)
            let alice = try await hearth.client.register("alice")
            let room = try await alice.createRoom(["preset": "public_chat", "room_alias_name": "den", "visibility": "public"])
            let paths: [MatrixPath] = [
                "/profile/\(alice.userID)", "/profile/\(alice.userID)/displayname", "/directory/room/\("#den:localhost")",
                "/directory/list/room/\(room)",
            ]
            let mallory = hearth.client.from("192.0.2.66")
            let (refusals, report) = try await bystander.whileEnduring {
                try await withThrowingTaskGroup(of: [MatrixResponse].self) { group in
                    for path in paths {
                        group.addTask {
                            var refusals: [MatrixResponse] = []
                            for _ in 0..<Self.untilRefused where refusals.count < 20 {
                                let response = try await mallory.request("GET", path)
                                if response.status == 429 { refusals.append(response) }
                            }
                            return refusals
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            #expect(refusals.map(\.count) == [20, 20, 20, 20])
            for refusal in refusals.joined() {
                #expect(refusal.errorCode == "M_LIMIT_EXCEEDED")
                #expect(refusal["retry_after_ms"]?.integerValue ?? 0 > 0)
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            for path in paths {
                #expect(try await hearth.client.from("192.0.2.67").request("GET", path).status != 429)
                #expect(try await alice.from("192.0.2.66").request("GET", path).status != 429, "who has a token is known by that")
            }
        }
    }

    @Test(
        "strangers cannot claim all one-time keys of a device: they get its fallback key, and those who share a room what is left"
    )
    func claims() async throws {
        try await withHearth(settings: Self.settings) { hearth in
            let bob = try await hearth.client.register("bob")
            let alice = try await hearth.client.register("alice")
            let room = try await bob.createRoom(["preset": "public_chat"])
            try await alice.join(room)
            try await bob.uploadKeys([
                "device_keys": .object(bob.deviceKeys()), "one_time_keys": MatrixClient.oneTimeKeys(0..<50),
                "fallback_keys": MatrixClient.oneTimeKeys([0], isFallback: true),
            ])
            var claimed: [[String]] = []
            for number in 0..<4 {
                let mallory = try await hearth.client.from("192.0.2.\(number + 1)").register("mallory\(number)")
                var keys: [String] = []
                for _ in 0..<30 { keys.append(try #require(try await mallory.claimKey(of: bob))) }
                claimed.append(keys)
            }
            let fallback = "signed_curve25519:F0"
            #expect(claimed.map { keys in keys.count { $0 != fallback } } == [10, 10, 0, 0])
            var ofAlice: [String] = []
            for _ in 0..<35 { ofAlice.append(try #require(try await alice.claimKey(of: bob))) }
            #expect(ofAlice.count { $0 != fallback } == 30, "what strangers left")
            let once = (claimed.joined() + ofAlice).filter { $0 != fallback }
            #expect(Set(once).count == once.count, "no key comes twice")
            let counts = try await bob.uploadKeys([:])
            #expect(counts["one_time_key_counts", "signed_curve25519"]?.integerValue == 0)
        }
    }

    @Test("whoever has stored so many bytes of events in an hour waits, whatever makes them; others do not, and reading goes on")
    func eventBytes() async throws {
        let settings = Self.settings.merging(["quotas.events_per_hour": "4194304"]) { $1 }
        try await withHearth(settings: settings) { hearth in
            let bystander = try await Bystander(on: hearth)
            let mallory = try await hearth.client.register("mallory")
            let room = try await mallory.createRoom()
            let text = String(repeating: "x", count: 60_000)
            let (sent, report) = try await bystander.whileEnduring {
                var sent = 0
                for number in 0..<200 {
                    // With a state event the one before it is stored as well.
                    let response = try await mallory.request(
                        "PUT", "/rooms/\(room)/state/org.example.large/\(number % 2)",
                        body: ["text": .string("\(number) \(text)")])
                    if response.status == 429 {
                        #expect(response.errorCode == "M_LIMIT_EXCEEDED")
                        #expect(response["retry_after_ms"]?.integerValue ?? 0 > 0)
                        break
                    }
                    #expect(response.status == 200)
                    sent += 1
                }
                return sent
            }
            #expect((34...38).contains(sent), "\(sent) events of 120 kB each, but for the first two")
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            // 4 MiB an hour are a little more than a kilobyte a second: nothing of it is paid back soon.
            let requests: [(String, MatrixPath, JSON)] = [
                ("PUT", "/rooms/\(room)/send/m.room.message/1", ["msgtype": "m.text", "body": "x"]), ("POST", "/createRoom", [:]),
                ("PUT", "/profile/\(mallory.userID)/displayname", ["displayname": "M"]),
                ("PUT", "/profile/\(mallory.userID)/m.status", ["m.status": ["text": "x"]]),
                ("POST", "/rooms/\(room)/invite", ["user_id": "@bystander:localhost"]),
            ]
            for (method, path, body) in requests {
                let response = try await mallory.request(method, path, body: body)
                #expect(response.status == 429 && response.errorCode == "M_LIMIT_EXCEEDED", "\(path)")
            }
            _ = try await mallory.get("/rooms/\(room)/messages", query: ["dir": "b"])
            try await mallory.putPresence("busy")
        }
    }

    @Test("a new name counts once for each room that it goes into")
    func renames() async throws {
        let settings = Self.settings.merging(["quotas.events_per_hour": "40000"]) { $1 }
        try await withHearth(settings: settings) { hearth in
            let alice = try await hearth.client.register("alice")
            let mallory = try await hearth.client.register("mallory")
            var rooms: [String] = []
            for _ in 0..<4 { rooms.append(try await alice.createRoom(["preset": "public_chat"])) }
            for room in rooms { try await mallory.join(room) }
            var names = 0
            for number in 0..<25 {
                let body: JSON = ["displayname": .string(String(repeating: "m", count: 250) + "\(number)")]
                if try await mallory.request("PUT", "/profile/\(mallory.userID)/displayname", body: body).status == 429 { break }
                names += 1
            }
            // A name by itself is less than 1,500 bytes, and less than 25 of them are that much.
            #expect((2..<20).contains(names), "\(names)")
        }
    }

    @Test("thirty rooms at once, with as much state as a new room may have, hold nobody else up")
    func rooms() async throws {
        try await withHearth(settings: Self.settings) { hearth in
            let bystander = try await Bystander(on: hearth)
            let mallory = try await hearth.client.register("mallory")
            let state = (0..<200).map { number in
                ["type": "org.example", "state_key": .string("\(number)"), "content": ["n": 1]] as JSON
            }
            let (statuses, report) = try await bystander.whileEnduring {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<30 {
                        group.addTask {
                            try await mallory.request("POST", "/createRoom", body: ["initial_state": .array(state)]).status
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            #expect(Set(statuses).isSubset(of: [200, 429]), "\(Set(statuses))")
            #expect(statuses.contains(200))
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            print("rooms: \(report.summary)")
        }
    }
}

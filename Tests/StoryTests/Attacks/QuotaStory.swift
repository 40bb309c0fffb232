import HearthTestKit
import MatrixModel
import Testing

/// One user who stores whatever can be stored, as fast as the server takes it.
@Suite("Quotas under attack", .serialized)
struct QuotaStory {
    /// 200 MB of account data; less from a debug build, which takes its time with a body.
    private static let floods = Bystander.patience < .seconds(1) ? 3_400 : 500

    private static func content(bytes: Int) -> JSON { ["x": .string(String(repeating: "x", count: bytes))] }

    /// Sends requests four at a time and counts the answers by status.
    private static func flood(
        _ count: Int, _ request: @escaping @Sendable (Int) async throws -> MatrixResponse
    ) async throws -> [Int: Int] {
        try await withThrowingTaskGroup(of: [Int].self) { group in
            for lane in 0..<4 {
                group.addTask {
                    var statuses: [Int] = []
                    for number in stride(from: lane, to: count, by: 4) { statuses.append(try await request(number).status) }
                    return statuses
                }
            }
            return try await group.reduce(into: [:]) { counts, statuses in
                for status in statuses { counts[status, default: 0] += 1 }
            }
        }
    }

    @Test("of far more account data 10 MiB are taken, twelve first syncs of it fit into memory, and nobody else waits")
    func accountData() async throws {
        var settings = Bystander.defaultLimits
        // The quota alone is to hold here, whatever else would slow the flood down.
        settings["rate_limits.enabled"] = "false"
        try await withHearth(settings: settings) { hearth in
            let mallory = try await hearth.client.register("mallory")
            let bystander = try await Bystander(on: hearth)
            let big = Self.content(bytes: 60_000)
            let (statuses, report) = try await bystander.whileEnduring {
                try await Self.flood(Self.floods) { number in
                    try await mallory.request("PUT", "/user/\(mallory.userID)/account_data/org.example.\(number)", body: big)
                }
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            let taken = statuses[200, default: 0]
            #expect(taken <= 10_485_760 / 60_000)
            #expect(Set(statuses.keys).isSubset(of: [200, 413, 429]), "\(statuses)")

            let (_, syncing) = try await bystander.whileEnduring {
                _ = try await Self.flood(12) { _ in try await mallory.request("GET", "/sync", query: ["set_presence": "offline"])
                }
            }
            #expect(syncing.faults == [])
            #expect(syncing.p99 < Bystander.patience, "\(syncing.summary)")
            let peak = try hearth.memory("VmHWM")
            #expect(peak < 450_000, "\(peak) KB")
            print("account data: \(statuses), \(report.summary); first syncs: \(syncing.summary); at most \(peak) KB")

            try await hearth.restart()
            // It is counted across the start; what is there is read, and may be made smaller.
            let path: MatrixPath = "/user/\(mallory.userID)/account_data/org.example.0"
            #expect(try await mallory.get(path).json == big)
            let refused = try await mallory.request("PUT", "/user/\(mallory.userID)/account_data/one.more", body: big)
            #expect(refused.status == 413 && refused.errorCode == "M_TOO_LARGE")
            try await mallory.put(path, [:])
            try await mallory.put("/user/\(mallory.userID)/account_data/one.more", Self.content(bytes: 59_000))
        }
    }

    @Test("a full quota keeps nobody from hiding from somebody, or from ignoring them")
    func hiding() async throws {
        let settings = ["quotas.account_data_types": "100", "quotas.account_data": "65536", "presence.audience": "everyone"]
        try await withHearth(settings: settings) { hearth in
            let alice = try await hearth.client.register("alice")
            let mallory = try await hearth.client.register("mallory")
            try await alice.putPresence("busy")
            _ = try await mallory.legacyPresence(of: alice.userID)
            for number in 0..<100 { try await alice.put("/user/\(alice.userID)/account_data/t\(number)") }
            try await alice.put("/user/\(alice.userID)/account_data/t0", Self.content(bytes: 60_000))
            let padding = String(repeating: "x", count: 30_000)
            try await alice.put(
                "/user/\(alice.userID)/account_data/m.presence.sharing",
                ["users": [mallory.userID: "deny"], "padding": .string(padding)])
            try await alice.put(
                "/user/\(alice.userID)/account_data/m.ignored_user_list", ["ignored_users": [mallory.userID: [:]]])
            _ = try await mallory.legacyPresence(of: alice.userID, expecting: 403)
            let refused = try await alice.request("PUT", "/user/\(alice.userID)/account_data/t100", body: [:])
            #expect(refused.status == 413 || refused.status == 403)
        }
    }

    @Test("types of account data end at their number, globally and in a room, and tags count")
    func types() async throws {
        try await withHearth(settings: ["quotas.account_data_types": "100", "quotas.account_data": "65536"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let room = try await alice.createRoom()
            for number in 0..<100 { try await alice.put("/user/\(alice.userID)/account_data/t\(number)") }
            let refused = try await alice.request("PUT", "/user/\(alice.userID)/account_data/t100", body: [:])
            #expect(refused.status == 403 && refused.errorCode == "M_FORBIDDEN")
            try await alice.put("/user/\(alice.userID)/account_data/t99", ["changed": true])
            try await alice.put("/user/\(alice.userID)/rooms/\(room)/account_data/t100")
            try await alice.put("/user/\(alice.userID)/rooms/\(room)/account_data/big", Self.content(bytes: 60_000))
            var tags = 0
            while try await alice.request(
                "PUT", "/user/\(alice.userID)/rooms/\(room)/tags/u.\(tags)", body: ["note": Self.content(bytes: 500)]
            ).status == 200 { tags += 1 }
            #expect((5...12).contains(tags))
            // A tag can go, and marks of what was read do not count.
            try await alice.delete("/user/\(alice.userID)/rooms/\(room)/tags/u.0")
            let event = try await alice.sendText("hello", to: room)
            try await alice.post("/rooms/\(room)/read_markers", ["m.fully_read": .string(event)])
        }
    }

    @Test("a flood of messages to a device takes nothing of what others send it, and ends at its bound")
    func toDevice() async throws {
        var settings = Bystander.defaultLimits
        settings["quotas.to_device_waiting"] = "1048576"
        try await withHearth(settings: settings) { hearth in
            let mallory = try await hearth.client.register("mallory")
            let alice = try await hearth.client.register("alice")
            let friend = try await hearth.client.register("friend")
            func greet(_ number: Int64) async throws {
                try await friend.sendToDevice(
                    "m.test", .pairs((alice.userID, .pairs((alice.deviceID, ["number": .integer(number)])))),
                    transactionID: "\(number)")
            }
            let bystander = try await Bystander(on: hearth)
            try await greet(1)
            let big = Self.content(bytes: 60_000)
            let (statuses, report) = try await bystander.whileEnduring {
                try await Self.flood(200) { number in
                    try await mallory.request(
                        "PUT", "/sendToDevice/m.test/\(number)", body: ["messages": .pairs((alice.userID, ["*": big]))])
                }
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            #expect(statuses[200, default: 0] >= 100, "\(statuses)")
            try await greet(2)
            try await hearth.restart()
            try await greet(3)

            var (since, numbers, flooded): (String?, [Int64], Int) = (nil, [], 0)
            while true {
                let sync = try await alice.sync(since: since, setPresence: "offline")
                numbers += sync.toDevice.compactMap { $0["content", "number"]?.integerValue }
                flooded += sync.toDevice.filter { $0["sender"] == .string(mallory.userID) }.count
                since = sync.nextBatch
                if sync.toDevice.isEmpty { break }
            }
            #expect(numbers == [1, 2, 3])
            #expect((10...17).contains(flooded), "\(flooded)")
            // What was delivered is no longer counted.
            let (_, after) = try await bystander.whileEnduring {
                try await mallory.sendToDevice("m.test", .pairs((alice.userID, ["*": big])), transactionID: "after")
            }
            #expect(after.faults == [])
            let news = try await alice.syncUntil(since: since) { !$0.toDevice.isEmpty }
            #expect(news.toDevice.count == 1)
        }
    }

    @Test("a star multiplies what is sent by no more than 16 MiB")
    func star() async throws {
        try await withHearth { hearth in
            let mallory = try await hearth.client.register("mallory")
            let alice = try await hearth.client.register("alice")
            for number in 0..<40 { _ = try await hearth.client.login("alice", deviceID: "D\(number)") }
            for number in 0..<8 {
                let bob = "bob\(number)"
                _ = try await hearth.client.register(bob)
                for device in 0..<40 { _ = try await hearth.client.login(bob, deviceID: "D\(device)") }
            }
            let big = Self.content(bytes: 60_000)
            let everybody = JSON.object(
                JSONObject(
                    [(alice.userID, JSON.pairs(("*", big)))] + (0..<8).map { ("@bob\($0):localhost", JSON.pairs(("*", big))) }))
            let refused = try await mallory.request("PUT", "/sendToDevice/m.test/1", body: ["messages": everybody])
            #expect(refused.status == 413 && refused.errorCode == "M_TOO_LARGE")
            #expect(try await alice.sync(setPresence: "offline").toDevice.isEmpty)
            try await mallory.sendToDevice("m.test", .pairs((alice.userID, ["*": big])), transactionID: "2")
        }
    }

    @Test("filters end at their number; a known one keeps its id, and those in use stay")
    func filters() async throws {
        var settings = Bystander.defaultLimits
        settings["rate_limits.enabled"] = "false"
        try await withHearth(settings: settings) { hearth in
            let mallory = try await hearth.client.register("mallory")
            @Sendable func filter(_ number: Int) -> JSON { ["room": ["timeline": ["limit": .integer(Int64(number))]]] }
            let first = try await mallory.post("/user/\(mallory.userID)/filter", filter(0)).string("filter_id")
            let bystander = try await Bystander(on: hearth)
            let (statuses, report) = try await bystander.whileEnduring {
                try await Self.flood(600) { number in
                    try await mallory.request("POST", "/user/\(mallory.userID)/filter", body: filter(number))
                }
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            #expect(statuses == [200: 100, 403: 500])
            try await hearth.restart()
            #expect(try await mallory.post("/user/\(mallory.userID)/filter", filter(0)).string("filter_id") == first)
            let refused = try await mallory.request("POST", "/user/\(mallory.userID)/filter", body: filter(5_000))
            #expect(refused.status == 403 && refused.errorCode == "M_FORBIDDEN")
            _ = try await mallory.get("/user/\(mallory.userID)/filter/\(first)")
        }
    }

    @Test("log-ins without end leave so many devices, and end none that has keys for encryption")
    func devices() async throws {
        try await withHearth(settings: ["quotas.devices": "5"]) { hearth in
            let phone = try await hearth.client.register("alice", deviceID: "PHONE")
            try await phone.uploadKeys(["device_keys": .object(phone.deviceKeys())])
            var scripts: [MatrixClient] = []
            for _ in 0..<12 { scripts.append(try await hearth.client.login("alice")) }
            let devices = try await phone.get("/devices")["devices"]?.arrayValue ?? []
            #expect(
                Set(devices.compactMap { $0["device_id"]?.stringValue }) == Set(["PHONE"] + scripts.suffix(4).map(\.deviceID)))
            #expect(try await scripts[0].request("GET", "/account/whoami").status == 401)
            for script in scripts.suffix(4) { try await script.uploadKeys(["device_keys": .object(script.deviceKeys())]) }
            try await hearth.restart()
            let body: JSON = [
                "type": "m.login.password", "password": "correct horse battery staple",
                "identifier": ["type": "m.id.user", "user": "alice"],
            ]
            let refused = try await hearth.client.request("POST", "/login", body: body)
            #expect(refused.status == 403 && refused.errorCode == "M_FORBIDDEN")
            #expect(refused.json["error"]?.stringValue?.contains("5 devices") == true)
            // A device that there is may log in again, and one that logs out makes room.
            _ = try await hearth.client.login("alice", deviceID: "PHONE")
            try await scripts[11].logOut()
            _ = try await hearth.client.login("alice")
        }
    }

    @Test("a key backup ends at its size, counts across a start, and deleting makes room")
    func keyBackup() async throws {
        try await withHearth(settings: ["quotas.key_backup": "1048576"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let backup: JSON = ["algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": ["public_key": "key"]]
            let version = try await alice.post("/room_keys/version", backup).string("version")
            func session(_ number: Int) async throws -> MatrixResponse {
                try await alice.request(
                    "PUT", "/room_keys/keys/!r:localhost/session\(number)", query: ["version": version],
                    body: [
                        "first_message_index": 0, "forwarded_count": 0, "is_verified": false,
                        "session_data": Self.content(bytes: 60_000),
                    ])
            }
            for number in 0..<17 { #expect(try await session(number).status == 200) }
            for number in 17..<20 {
                let refused = try await session(number)
                #expect(refused.status == 413 && refused.errorCode == "M_TOO_LARGE")
            }
            try await hearth.restart()
            #expect(try await session(17).status == 413)
            #expect(try await session(3).status == 200)
            let count = try await alice.get("/room_keys/version/\(version)")["count"]?.integerValue
            #expect(count == 17)
            let deleted = try await alice.request(
                "DELETE", "/room_keys/keys/!r:localhost/session3", query: ["version": version])
            #expect(deleted.status == 200)
            #expect(try await session(17).status == 200)
            // Versions that are made and deleted without end leave nothing behind.
            for _ in 0..<50 {
                let made = try await alice.post("/room_keys/version", backup).string("version")
                try await alice.delete("/room_keys/version/\(made)")
            }
            #expect(try await alice.post("/room_keys/version", backup).string("version") == "52")
        }
    }

    @Test("rooms, aliases, receipts and keys end at their numbers, and say so")
    func theRest() async throws {
        let settings = [
            "quotas.rooms_per_hour": "3", "quotas.aliases": "2", "quotas.receipts": "10", "quotas.one_time_keys": "100",
            "rate_limits.enabled": "true",
        ]
        try await withHearth(settings: settings) { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            for _ in 0..<2 { _ = try await alice.createRoom() }
            let refused = try await alice.request("POST", "/createRoom", body: [:])
            #expect(refused.status == 429 && refused.errorCode == "M_LIMIT_EXCEEDED")
            #expect((refused.json["retry_after_ms"]?.integerValue ?? 0) > 1_000_000)
            _ = try await bob.createRoom()
            try await bob.join(room)

            for number in 0..<2 { try await alice.put("/directory/room/\("#a\(number):localhost")", ["room_id": .string(room)]) }
            let third = try await alice.request("PUT", "/directory/room/\("#a2:localhost")", body: ["room_id": .string(room)])
            #expect(third.status == 403 && third.errorCode == "M_FORBIDDEN")
            try await alice.delete("/directory/room/\("#a0:localhost")")
            try await alice.put("/directory/room/\("#a2:localhost")", ["room_id": .string(room)])

            var events: [String] = []
            for number in 0..<25 {
                events.append(try await alice.sendText("\(number)", to: room))
                try await bob.sendReceipt(for: events[number], in: room, thread: events[number])
            }
            let sync = try await alice.sync(setPresence: "offline")
            let kept = events.filter { sync.receipt(of: bob.userID, for: $0, in: room) != nil }
            #expect(kept == events.suffix(10))

            try await alice.uploadKeys(["one_time_keys": MatrixClient.oneTimeKeys(0..<100)])
            let keys = try await alice.uploadKeys(["one_time_keys": MatrixClient.oneTimeKeys(100..<101)], expecting: 413)
            #expect(keys.errorCode == "M_TOO_LARGE")
            let fallbacks = JSON.object(JSONObject((0..<11).map { ("algorithm\($0):K", ["key": "k", "fallback": true]) }))
            let many = try await alice.uploadKeys(["fallback_keys": fallbacks], expecting: 413)
            #expect(many.errorCode == "M_TOO_LARGE")
        }
    }
}

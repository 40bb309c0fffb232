import HearthTestKit
import MatrixModel
import Testing

/// One user, or one address, that takes much of what there is little of: turns of the writer, open files, a connection's attention.
@Suite("Shares of what is scarce", .serialized)
struct SharesStory {
    @Test("requests sent ahead by the thousand end their connection, a few are answered in order, and nobody else waits")
    func sentAhead() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let url = try hearth.baseURL
            let bystander = try await Bystander(on: hearth)
            let request = "GET /_matrix/client/versions HTTP/1.1\r\nHost: x\r\n\r\n"
            let few = try RawSocket(to: url)
            try few.send(
                String(repeating: request, count: 29) + request.replacing("\r\n\r\n", with: "\r\nConnection: close\r\n\r\n"))
            #expect(try few.receiveAll().split(separator: "HTTP/1.1 200").count == 30)

            let many = String(repeating: request, count: 3_000)
            let (closed, report) = try await bystander.whileEnduring {
                var closed = 0
                for _ in 0..<10 {
                    let sockets = try (0..<16).map { _ in try RawSocket(to: url, from: "127.0.0.2") }
                    for socket in sockets {
                        do {
                            try socket.send(many)
                        } catch {
                            // Closed already.
                        }
                    }
                    for socket in sockets {
                        do { _ = try socket.receiveAll() } catch {}
                        closed += 1
                        socket.close(withReset: true)
                    }
                }
                return closed
            }
            print("requests sent ahead: \(report.summary)")
            #expect(closed == 160)
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
        }
    }

    @Test(
        "four connections that back up 8,000 sessions each make nobody wait, and all sessions are there; deleting them holds up nobody either"
    )
    func keyBackup() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let bystander = try await Bystander(on: hearth)
            let mallory = try await hearth.client.register("mallory")
            let backup: JSON = ["algorithm": "m.megolm_backup.v1.curve25519-aes-sha2", "auth_data": ["public_key": "key"]]
            let version = try await mallory.post("/room_keys/version", backup).string("version")
            func sessions(_ lane: Int) -> JSON {
                var sessions: [String: JSON] = [:]
                for number in 0..<8_000 {
                    sessions["s\(lane)-\(number)"] = [
                        "first_message_index": 0, "forwarded_count": 0, "is_verified": false, "session_data": ["c": "x"],
                    ]
                }
                let object = JSONObject(sessions.map { ($0.key, $0.value) })
                return ["rooms": ["!r:localhost": ["sessions": .object(object)]]]
            }
            let bodies = (0..<4).map(sessions)
            let (_, report) = try await bystander.whileEnduring {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for body in bodies {
                        group.addTask {
                            let stored = try await mallory.request(
                                "PUT", "/room_keys/keys", query: ["version": version], body: body)
                            #expect(stored.status == 200)
                        }
                    }
                    try await group.waitForAll()
                }
            }
            print("key backups: \(report.summary)")
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            #expect(try await mallory.get("/room_keys/version").json["count"] == 32_000)
            let room: MatrixPath = "/room_keys/keys/!r:localhost"
            let (left, emptying) = try await bystander.whileEnduring {
                try await mallory.request("DELETE", room, query: ["version": version])
            }
            #expect(left["count"] == 0)
            #expect(emptying.faults == [])
            #expect(emptying.p99 < Bystander.patience, "\(emptying.summary)")
            for body in bodies {
                _ = try await mallory.request("PUT", "/room_keys/keys", query: ["version": version], body: body)
            }
            let (_, deleting) = try await bystander.whileEnduring {
                try await mallory.request("DELETE", "/room_keys/version/\(version)")
            }
            print("deleting a key backup: \(deleting.summary)")
            #expect(deleting.faults == [])
            #expect(deleting.p99 < Bystander.patience, "\(deleting.summary)")
            #expect(try await mallory.request("GET", "/room_keys/version").status == 404)
        }
    }

    @Test("a star to 16 devices over and over is slowed down, and nobody else waits")
    func star() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let bystander = try await Bystander(on: hearth)
            let mallory = try await hearth.client.register("mallory", password: "correct horse")
            for number in 0..<15 {
                _ = try await hearth.client.request(
                    "POST", "/login",
                    body: [
                        "type": "m.login.password", "password": "correct horse", "device_id": .string("D\(number)"),
                        "identifier": ["type": "m.id.user", "user": "mallory"],
                    ])
            }
            let content = JSON.string(String(repeating: "x", count: 60_000))
            let (statuses, report) = try await bystander.whileEnduring {
                try await withThrowingTaskGroup(of: [Int].self) { group in
                    for lane in 0..<6 {
                        group.addTask {
                            var statuses: [Int] = []
                            for number in 0..<15 {
                                statuses.append(
                                    try await mallory.request(
                                        "PUT", "/sendToDevice/org.example.x/\(lane)-\(number)",
                                        body: ["messages": ["\(mallory.userID)": ["*": ["x": content]]]]
                                    ).status)
                            }
                            return statuses
                        }
                    }
                    return try await group.reduce(into: [Int: Int]()) { counts, statuses in
                        for status in statuses { counts[status, default: 0] += 1 }
                    }
                }
            }
            print("stars: \(statuses); \(report.summary)")
            #expect(statuses[429, default: 0] > 0)
            #expect(Set(statuses.keys).isSubset(of: [200, 429]))
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
        }
    }

    @Test("downloads that nobody takes keep no file from others")
    func stalledDownloads() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let mallory = try await hearth.client.register("mallory")
            let alice = try await hearth.client.register("alice")
            let token = try #require(mallory.session?.accessToken)
            let media = try await mallory.upload([UInt8](repeating: 1, count: 8_000_000))
            let picture = try await alice.upload([UInt8](repeating: 2, count: 1_000))
            let sockets = try (0..<600).map { _ in
                let socket = try RawSocket(to: try hearth.baseURL)
                try socket.send(
                    "GET /_matrix/client/v1/media/download/\(media) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n\r\n"
                )
                return socket
            }
            #expect(try await soon { sockets.allSatisfy(\.hasNews) })
            for _ in 0..<5 {
                #expect(try await alice.file("GET", "/_matrix/client/v1/media/download/\(raw: picture)").status == 200)
                _ = try await alice.upload([UInt8](repeating: 3, count: 1_000))
            }
            for socket in sockets { socket.close(withReset: true) }
        }
    }
}

import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// What watches over the server from outside: metrics, health, and the ids of requests.
@Suite("Monitoring")
struct MonitoringStory {
    private func get(
        _ target: String, at url: String, headers: [(name: String, value: String)] = []
    ) throws -> RawAnswer {
        var connection = RawConnection(to: url)
        defer { connection.close() }
        return try connection.exchange(RawRequest(method: "GET", target: target, headers: headers, body: []))
    }

    private func metrics(of hearth: HearthProcess) async throws -> Exposition {
        let answer = try get("/metrics", at: try await hearth.listenerURL("metrics"))
        #expect(answer.status == 200)
        return try Exposition(String(decoding: answer.body, as: UTF8.self))
    }

    @Test("metrics parse, tell what happened, and hold every metric that the dashboard shows")
    func metrics() async throws {
        try await withHearth(settings: ["metrics.listen": "127.0.0.1:0", "sync.presence_wake_interval": "0ms"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await bob.createRoom(["preset": "public_chat"])
            try await alice.join(room)
            try await bob.peekProfile(of: alice.userID)
            let start = try await bob.syncUntil { $0.legacyPresence(of: alice.userID)?["presence"] == "online" }
            async let news = bob.syncUntil(since: start.nextBatch) { $0.legacyPresence(of: alice.userID)?["presence"] != nil }
            try await eventually("bob's sync is held") {
                try await metrics(of: hearth).values(of: "hearth_held_syncs") == [1]
            }
            try await alice.putPresence("busy")
            _ = try await news
            _ = try await bob.get("/rooms/!none:localhost/state", expecting: 404)

            let told = try await metrics(of: hearth)
            #expect(
                told.values(of: "hearth_presence_transitions_total", ["from": "online", "to": "busy", "reason": "busy"]) == [1])
            #expect(told.values(of: "hearth_presence_users", ["presence": "busy"]) == [1])
            #expect(told.values(of: "hearth_live_peeks") == [1])
            #expect(told.values(of: "hearth_watching_devices") == [1])
            #expect(told.values(of: "hearth_devices") == [2])
            #expect(told.values(of: "hearth_presence_devices") == [2])
            #expect(told.values(of: "hearth_wakeup_seconds_count") == [1])
            #expect(told.values(of: "hearth_publish_seconds_count").reduce(0, +) >= 2)
            #expect(told.values(of: "hearth_legacy_use_total", ["client": "unknown"]).reduce(0, +) > 0)
            #expect(
                told.values(
                    of: "hearth_http_request_seconds_count", ["endpoint": "PUT /presence/:userID/status", "status": "2xx"])
                    == [1])
            #expect(
                told.values(of: "hearth_http_request_seconds_count", ["endpoint": "GET /rooms/:roomID/state", "status": "4xx"])
                    == [1])
            #expect(told.values(of: "process_open_fds").allSatisfy { $0 > 3 })
            #expect(told.values(of: "process_resident_memory_bytes").allSatisfy { $0 > 1_000_000 })
            for sample in told.samples {
                #expect(!sample.labels.values.contains { $0.contains("alice") || $0.contains(room) }, "labels name nobody")
            }

            let missing = try DashboardFile.metricNames().subtracting(told.names)
            #expect(missing.isEmpty, "the dashboard shows what is not there: \(missing.sorted())")
        }
    }

    @Test("metrics are on a listener of their own alone, which serves nothing else but health")
    func ownListener() async throws {
        try await withHearth(settings: ["metrics.listen": "127.0.0.1:0"]) { hearth in
            let url = try await hearth.listenerURL("metrics")
            for (target, at, status) in [
                ("/metrics", try hearth.baseURL, 404), ("/metrics", url, 200), ("/health", url, 200),
                ("/health", try hearth.baseURL, 200), ("/_matrix/client/versions", url, 404),
                ("/_hearth/admin/v1/overview", url, 404),
            ] {
                #expect(try get(target, at: at).status == status, "\(target) at \(at)")
            }
        }
    }

    @Test("a healthy server says so; one whose disk is full says 503")
    func health() async throws {
        try await withHearth(settings: ["limits.disk_pages": "400"]) { hearth in
            let answer = try get("/health", at: try hearth.baseURL)
            #expect(answer.status == 200)
            #expect(try JSON(parsing: answer.body, options: .clientRequest) == ["status": "ok"])

            let alice = try await hearth.client.register("alice")
            let room = try await alice.createRoom()
            let large: JSON = ["body": .string(String(repeating: "x", count: 50_000))]
            var status = 200
            for number in 0..<400 where status == 200 {
                status = try await alice.request("PUT", "/rooms/\(room)/send/m.room.message/\(number)", body: large).status
            }
            #expect(status == 503)
            try await eventually("the server says that it cannot write") {
                _ = try await alice.request("PUT", "/rooms/\(room)/send/m.room.message/full", body: large)
                return try get("/health", at: try hearth.baseURL).status == 503
            }
        }
    }

    @Test("every answer has the id of its request, and the log tells of the request under it, without what was asked")
    func requestIDs() async throws {
        try await withHearth(settings: ["log.level": "debug"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let room = try await alice.createRoom(["name": "a secret name"])
            var ids: Set<String> = []
            for path in ["/sync", "/rooms/\(room)/state", "/rooms/!none:localhost/state", "/nothing"] as [MatrixPath] {
                let answer = try await alice.request("GET", path, body: nil)
                let id = try #require(answer.header("X-Request-ID"))
                #expect(ids.insert(id).inserted)
                let line = try #require(
                    hearth.errorOutput.split(separator: "\n").first {
                        $0.contains("request_id=\(id)") && $0.contains(" request ")
                    })
                #expect(line.contains("status=\(answer.status)"))
                #expect(line.contains("route=none") == (answer.errorCode == "M_UNRECOGNIZED"))
                #expect(line.contains("user=@alice:localhost") == (answer.errorCode != "M_UNRECOGNIZED"))
            }
            for secret in [room, "a secret name", alice.session?.accessToken ?? ""] {
                #expect(!hearth.errorOutput.contains(secret))
            }
            let given = try get("/health", at: try hearth.baseURL, headers: [("X-Request-ID", "mine")])
            #expect(given.headers["x-request-id"] != "mine", "nobody is trusted here")
        }
    }

    @Test("an id from a trusted proxy is kept if it is harmless")
    func trustedIDs() async throws {
        try await withHearth(settings: ["listen.trusted_proxies": "127.0.0.0/8"]) { hearth in
            for (given, isKept) in [
                ("a1-b2_c.3", true), (String(repeating: "x", count: 64), true), (String(repeating: "x", count: 65), false),
                ("a b", false), ("a\"b", false), ("a=b", false),
            ] {
                let answer = try get("/health", at: try hearth.baseURL, headers: [("X-Request-ID", given)])
                #expect((answer.headers["x-request-id"] == given) == isKept, "\(given)")
                #expect(answer.headers["x-request-id"]?.isEmpty == false)
            }
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

/// `docs/grafana-dashboard.json`.
private enum DashboardFile {
    /// The metrics that its queries name.
    static func metricNames() throws -> Set<String> {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/grafana-dashboard.json")
        let json = try JSON(
            parsing: Array(try Data(contentsOf: file)), options: JSONParseOptions(allowsAnyNumber: true, allowsNUL: true))
        let queries = expressions(in: json)
        #expect(queries.count > 10)
        let names = queries.flatMap { query in
            query.matches(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/).map { String($0.output) }
                .filter { $0.hasPrefix("hearth_") || $0.hasPrefix("process_") }
        }
        for query in queries { #expect(query.contains("hearth_") || query.contains("process_"), "\(query) names no metric") }
        return Set(names)
    }

    private static func expressions(in json: JSON) -> [String] {
        switch json {
        case .array(let values): values.flatMap(expressions)
        case .object(let object):
            object.members.flatMap { member in
                member.key == "expr" ? [member.value.stringValue].compactMap { $0 } : expressions(in: member.value)
            }
        default: []
        }
    }
}

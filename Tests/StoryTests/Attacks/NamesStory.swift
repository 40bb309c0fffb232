import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// Requests that are cheap to write and dear to answer: they name thousands of things, or come in thousands of pieces.
@Suite("Attacks by many names and pieces", .serialized)
struct NamesStory {
    private static func object(_ names: [String], _ value: JSON) -> JSON {
        .object(JSONObject(names.map { ($0, value) }))
    }

    @Test(
        "eight connections that write to 10,000 devices which there are not hold up nobody, and the one there is gets its messages"
    )
    func messagesToNobody() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let bystander = try await Bystander(on: hearth)
            let mallory = try await hearth.client.register("mallory")
            let alice = try await hearth.client.register("alice")
            let since = try await alice.sync(setPresence: "offline").nextBatch
            let device = try #require(alice.session?.deviceID)
            let nobody = Self.object((0..<9_000).map { "D\($0)" }, ["a": "b"])
            let strangers = (0..<900).map { "@s\($0):localhost" }
            var messages = JSONObject(strangers.map { ($0, Self.object(["*"], ["a": "b"])) })
            messages[mallory.userID] = nobody
            messages[alice.userID] = Self.object([device, "NOT-THERE"], ["a": "b"])
            let body: JSON = ["messages": .object(messages)]
            let (statuses, report) = try await bystander.whileEnduring {
                try await repeated(over: 8, for: .seconds(3)) {
                    try await mallory.request("PUT", "/sendToDevice/org.example.x/\(UUID().uuidString)", body: body).status
                }
            }
            print("messages to nobody: \(statuses); \(report.summary)")
            #expect(Set(statuses.keys).isSubset(of: [200, 429]))
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            let got = try await alice.sync(since: since, setPresence: "offline").json["to_device"]?["events"]?.arrayValue ?? []
            #expect(!got.isEmpty && got.count <= statuses[200, default: 0])
            #expect(got.allSatisfy { $0["sender"]?.stringValue == mallory.userID })
        }
    }

    @Test("keys are asked for and claimed of 10,000 names at most")
    func keys() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let mallory = try await hearth.client.register("mallory")
            for (count, status) in [(10_000, 200), (10_001, 413)] {
                let users = Self.object((0..<count).map { "@n\($0):localhost" }, [])
                #expect(try await mallory.request("POST", "/keys/query", body: ["device_keys": users]).status == status)
                let devices = Self.object((0..<count).map { "D\($0)" }, "signed_curve25519")
                let claim: JSON = ["one_time_keys": .object(JSONObject([(mallory.userID, devices)]))]
                #expect(try await mallory.request("POST", "/keys/claim", body: claim).status == status)
            }
        }
    }

    @Test("bodies in chunks of one byte end after a thousand of them, and nobody waits; a thousand go through")
    func crumbs() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let url = try hearth.baseURL
            let bystander = try await Bystander(on: hearth)
            let mallory = try await hearth.client.register("mallory")
            let head = """
                PUT /_matrix/client/v3/user/\(mallory.userID)/account_data/crumbs HTTP/1.1\r\nHost: x\r\n\
                Authorization: Bearer \(mallory.session?.accessToken ?? "")\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n
                """
            func request(_ length: Int) -> String {
                let body = "{\"a\":\"\(String(repeating: "x", count: length - 8))\"}"
                return head + body.map { "1\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"
            }
            let few = try RawSocket(to: url)
            try few.send(request(1_000))
            #expect(try few.receiveAll().hasPrefix("HTTP/1.1 200"))

            let many = request(100_000)
            let (answers, report) = try await bystander.whileEnduring {
                await onThread {
                    var answers: [String] = []
                    for _ in 0..<4 {
                        for socket in Self.connected(32, to: url) {
                            do {
                                try socket.send(many)
                                answers.append(try socket.receiveAll())
                            } catch {
                                // Closed before all of it was sent.
                            }
                            socket.close(withReset: true)
                        }
                    }
                    return answers
                }
            }
            print("crumbs: \(answers.count) answers; \(report.summary)")
            #expect(answers.allSatisfy { $0.isEmpty || $0.hasPrefix("HTTP/1.1 408") || $0.hasPrefix("HTTP/1.1 429") })
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            #expect(try await mallory.get("/user/\(mallory.userID)/account_data/crumbs").json.text.utf8.count == 1_000)
        }
    }

    @Test("eight connections with bodies of a megabyte of small values have one dealt with at a time, and nobody else waits")
    func largeBodies() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let url = try hearth.baseURL
            let bystander = try await Bystander(on: hearth)
            let mallory = try await hearth.client.register("mallory")
            let body = #"{"type":"m.x","a":["# + String(repeating: "[1],", count: 240_000) + "[1]]}"
            let request = """
                PUT /_matrix/client/v3/user/\(mallory.userID)/account_data/large HTTP/1.1\r\nHost: x\r\n\
                Authorization: Bearer \(mallory.session?.accessToken ?? "")\r\nConnection: close\r\n\
                Content-Length: \(body.utf8.count)\r\n\r\n\(body)
                """
            let (answers, report) = try await bystander.whileEnduring {
                try await withThrowingTaskGroup(of: [String].self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            await onThread {
                                (0..<2).map { _ in
                                    do {
                                        let socket = try RawSocket(to: url, from: "127.0.0.2")
                                        try socket.send(request)
                                        return String(try socket.receiveAll().prefix(12))
                                    } catch {
                                        return "closed"
                                    }
                                }
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
            }
            print("large bodies: \(answers); \(report.summary)")
            #expect(Set(answers).isSubset(of: ["HTTP/1.1 200", "HTTP/1.1 413", "HTTP/1.1 429", "closed"]))
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
        }
    }

    private static func connected(_ count: Int, to url: String) -> [RawSocket] {
        (0..<count).compactMap { _ in
            do { return try RawSocket(to: url, from: "127.0.0.2") } catch { return nil }
        }
    }

    @Test("a path of more than 4 KiB, a longer target and a query of more than a hundred parameters are refused")
    func targets() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let slashes = String(repeating: "/", count: 1_400)
            let long = try await alice.request("GET", "/rooms/\(slashes)/members")
            #expect(long.status == 414)
            #expect(long.errorCode == "M_TOO_LARGE")
            let filter = String(repeating: "x", count: 20_000)
            let longer = try await alice.request("GET", "/sync", query: ["filter": filter])
            #expect(longer.status == 414)
            #expect(longer.errorCode == "M_TOO_LARGE")
            func query(_ count: Int) -> [String: String] {
                Dictionary(uniqueKeysWithValues: (0..<count).map { ("p\($0)", "v") })
            }
            #expect(try await alice.request("GET", "/account/whoami", query: query(100)).status == 200)
            #expect(try await alice.request("GET", "/account/whoami", query: query(101)).status == 400)
        }
    }

    @Test("a loop of receipts or of a device's names waits for itself")
    func loops() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let bystander = try await Bystander(on: hearth)
            let mallory = try await hearth.client.register("mallory")
            let room = try await mallory.createRoom(["preset": "public_chat"])
            let root = try await mallory.sendText("root", to: room)
            let device = try #require(mallory.session?.deviceID)
            let (statuses, report) = try await bystander.whileEnduring {
                async let receipts = repeated(over: 8, for: .seconds(3)) {
                    try await mallory.request("POST", "/rooms/\(room)/receipt/m.read/\(root)", body: [:]).status
                }
                async let names = repeated(over: 4, for: .seconds(3)) {
                    try await mallory.request("PUT", "/devices/\(device)", body: ["display_name": .string(UUID().uuidString)])
                        .status
                }
                return (try await receipts, try await names)
            }
            print("receipts: \(statuses.0), names: \(statuses.1); \(report.summary)")
            #expect(Set(statuses.0.keys).isSubset(of: [200, 429]))
            #expect(statuses.0[429, default: 0] > 0)
            #expect(statuses.0[200, default: 0] <= 400)
            #expect(Set(statuses.1.keys).isSubset(of: [200, 429]))
            #expect(statuses.1[429, default: 0] > 0)
            #expect(statuses.1[200, default: 0] <= 130)
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
        }
    }
}

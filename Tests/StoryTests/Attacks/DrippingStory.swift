import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// Clients that begin requests and hardly go on: what waits for them must not be what others need.
@Suite("Requests that drip", .serialized)
struct DrippingStory {
    private static let attacker = "127.0.0.2"

    @Test("without an account, 192 requests that drip take nothing from anybody, and all of them end within seconds")
    func strangers() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let url = try hearth.baseURL
            let alice = try await hearth.client.register("alice")
            let bystander = try await Bystander(on: hearth)
            let (answers, report) = try await bystander.whileEnduring {
                async let large = largeBodies(of: alice, for: .seconds(14))
                async let dripped = onThread { Result { try Self.drip(to: url, for: 14) } }
                return (try await dripped.get(), try await large)
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            #expect(answers.1 == [], "what is over 16 KiB goes both ways meanwhile")
            #expect(answers.0.large.allSatisfy { $0.contains("M_TOO_LARGE") }, "\(answers.0.large.prefix(3))")
            #expect(answers.0.small.allSatisfy { $0.hasPrefix("HTTP/1.1 408") || $0.hasPrefix("HTTP/1.1 429") })
            #expect(answers.0.small.contains { $0.hasPrefix("HTTP/1.1 408") })
            #expect(answers.0.heads.allSatisfy { $0.isEmpty }, "a head that does not end is no request")
            #expect(try hearth.memory("VmHWM") < 300 * 1024)
        }
    }

    @Test("with an account, 64 bodies that drip take no more than a share: others' large bodies and answers go on")
    func user() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let url = try hearth.baseURL
            let alice = try await hearth.client.register("alice")
            let mallory = try await hearth.client.register("mallory")
            let bystander = try await Bystander(on: hearth)
            let (answers, report) = try await bystander.whileEnduring {
                let head = """
                    PUT /_matrix/client/v3/user/\(mallory.userID)/account_data/drip HTTP/1.1\r\nHost: x\r\n\
                    Authorization: Bearer \(mallory.session?.accessToken ?? "")\r\nContent-Length: 1048576\r\n\r\n
                    """
                let sockets = try (0..<64).map { _ in try RawSocket(to: url, from: Self.attacker) }
                defer { for socket in sockets { socket.close(withReset: true) } }
                await onThread {
                    for socket in sockets { Self.send(head + String(repeating: " ", count: 1_000_000), over: socket) }
                }
                let large = try await largeBodies(of: alice, for: .seconds(3))
                return (large: large, refused: sockets.filter(\.hasNews).count)
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            #expect(answers.large == [])
            #expect(answers.refused >= 56, "at most eight of them are held: \(answers.refused) were refused")
            #expect(try hearth.memory("VmHWM") < 300 * 1024)
        }
    }

    /// Writes and reads 50 kB over and over; returns what was refused.
    private func largeBodies(of client: MatrixClient, for time: Duration) async throws -> [String] {
        let text = String(repeating: "x", count: 50_000)
        let deadline = ContinuousClock.now + time
        var faults: [String] = []
        while ContinuousClock.now < deadline {
            let put = try await client.request("PUT", "/user/\(client.userID)/account_data/large", body: ["a": .string(text)])
            let read = try await client.request("GET", "/user/\(client.userID)/account_data/large")
            faults += [put, read].filter { $0.status != 200 }.map { "\($0.status) \($0.errorCode ?? "")" }
            try await Task.sleep(for: .milliseconds(100))
        }
        return faults
    }

    private struct Answers: Sendable {
        var large: [String] = []
        var small: [String] = []
        var heads: [String] = []
    }

    /// A byte every half second over each of 64 connections with a megabyte of body, 64 with a small one, and 64 with a head.
    private static func drip(to url: String, for seconds: Double) throws -> Answers {
        let begin = "POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\n"
        let large = try begun(begin + "Content-Length: 1048576\r\n\r\n" + String(repeating: " ", count: 1_000_000), to: url)
        let small = try begun(begin + "Content-Length: 16384\r\n\r\n" + String(repeating: " ", count: 2_500), to: url)
        let heads = try begun(begin, to: url)
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            for socket in large + small where !socket.hasNews { send(" ", over: socket) }
            for socket in heads where !socket.hasNews { send("x", over: socket) }
            Thread.sleep(forTimeInterval: 0.5)
        }
        // Whatever is not over by now fails the test by what it holds.
        func end(_ sockets: [RawSocket]) throws -> [String] {
            try sockets.map { socket in
                defer { socket.close(withReset: true) }
                return socket.hasNews ? try socket.receiveAll() : "still open"
            }
        }
        return Answers(large: try end(large), small: try end(small), heads: try end(heads))
    }

    private static func begun(_ text: String, to url: String) throws -> [RawSocket] {
        try (0..<64).map { _ in
            let socket = try RawSocket(to: url, from: attacker)
            send(text, over: socket)
            return socket
        }
    }

    /// A server that refuses closes while more is sent.
    private static func send(_ text: String, over socket: RawSocket) {
        do { try socket.send(text) } catch {}
    }
}

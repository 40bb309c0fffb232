import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// More clients than the process may have sockets.
@Suite("Few files")
struct FewFilesStory {
    /// With this limit, 54 connections of clients are taken.
    private static let limit = 200

    @Test(
        "once no more connections are taken, those that are there work, new ones wait without turning the processor, and come in later"
    )
    func connectionsUsedUp() async throws {
        try await withHearth(openFiles: Self.limit) { hearth in
            let alice = try await hearth.client.register("alice")
            let start = try await alice.sync(setPresence: "offline")
            async let held = alice.sync(since: start.nextBatch, timeout: 60_000, setPresence: "offline")
            var first = RawConnection(to: try hearth.baseURL)
            #expect(try ask(&first) == 200)

            // In the middle of a request; one that rests would make room.
            var others: [RawSocket] = []
            for number in 0..<400 {
                if number % 40 == 0 { #expect(try ask(&first) == 200) }
                let other = try RawSocket(to: try hearth.baseURL)
                try other.send("POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{")
                others.append(other)
            }
            try await Task.sleep(for: .milliseconds(500))
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(hearth.processID ?? 0)/fd").count
            #expect(open < Self.limit - 64, "\(open) files are open: the database has its share")

            let (before, began) = (try hearth.processorSeconds(), ContinuousClock.now)
            for _ in 0..<10 {
                #expect(try ask(&first) == 200, "a connection that is there works")
                try await Task.sleep(for: .milliseconds(100))
            }
            let used = try hearth.processorSeconds() - before
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            print("few files: \(used) s of processor time in \(seconds) s")
            #expect(used < 0.5 * seconds, "\(used) s of processor time in \(seconds) s with hardly a request")
            // Writing needs files of its own, and news still reach who waits for them.
            try write(&first, "n", as: alice)
            #expect(try await held.json.text.contains("few.files"))

            for other in others { other.close(withReset: false) }
            try await Task.sleep(for: .milliseconds(100))
            var late = RawConnection(to: try hearth.baseURL)
            #expect(try ask(&late) == 200, "a new connection works once others have ended")
            late.close()
            first.close()
        }
    }

    private func ask(_ connection: inout RawConnection) throws -> Int {
        try connection.exchange(RawRequest(method: "GET", target: "/_matrix/client/versions", headers: [], body: [])).status
    }

    private func write(_ connection: inout RawConnection, _ value: String, as client: MatrixClient) throws {
        let answer = try connection.exchange(
            RawRequest(
                method: "PUT", target: "/_matrix/client/v3/user/\(client.userID)/account_data/few.files",
                headers: [("Authorization", "Bearer \(client.session?.accessToken ?? "")")],
                body: Array("{\"v\":\"\(value)\"}".utf8)))
        #expect(answer.status == 200)
    }
}

extension HearthProcess {
    /// Processor time that the server has used since its start, user and system.
    func processorSeconds() throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(processID ?? 0)/stat", encoding: .utf8)
        // The name in parentheses may hold anything; the 14th and 15th field count in clock ticks.
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}

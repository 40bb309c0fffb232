import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// One client that opens as many connections as it gets: the others come in all the same.
@Suite("Connections of one client", .serialized)
struct ConnectionsStory {
    /// With this limit of open files, 54 connections of clients are taken, 16 of one address.
    private static let openFiles = 200

    @Test(
        "250 connections that ask nothing lock nobody out, nor do 250 that have asked once",
        arguments: ["127.0.0.1", "127.0.0.2"], [false, true])
    func silent(address: String, haveAsked: Bool) async throws {
        try await withHearth(settings: Bystander.defaultLimits, openFiles: Self.openFiles) { hearth in
            let url = try hearth.baseURL
            let bystander = try await Bystander(on: hearth)
            let (_, report) = try await bystander.whileEnduring(rounds: 20) {
                let sockets = try (0..<250).map { _ in
                    let socket = try RawSocket(to: url, from: address)
                    if haveAsked { try socket.send("GET /_matrix/client/versions HTTP/1.1\r\nHost: x\r\n\r\n") }
                    return socket
                }
                try await Task.sleep(for: .seconds(2))
                let late = try await hearth.client.register("late")
                for socket in sockets { socket.close(withReset: true) }
                #expect(try await late.sync(setPresence: "offline").nextBatch != "")
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
        }
    }

    @Test("of one address 16 connections with unfinished requests are held, the rest are closed; the others come in")
    func busy() async throws {
        try await withHearth(settings: Bystander.defaultLimits, openFiles: Self.openFiles) { hearth in
            let url = try hearth.baseURL
            let bystander = try await Bystander(on: hearth)
            let (held, report) = try await bystander.whileEnduring(rounds: 20) {
                let sockets = try (0..<300).map { _ in
                    let socket = try RawSocket(to: url, from: "127.0.0.2")
                    do {
                        try socket.send("POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
                    } catch {
                        // Closed already.
                    }
                    return socket
                }
                // The server closes them as soon as it comes to them.
                var held = sockets.count
                for _ in 0..<400 where held > 16 {
                    try await Task.sleep(for: .milliseconds(50))
                    held = sockets.count { !$0.hasNews }
                }
                let late = try await hearth.client.register("late")
                #expect(try await late.sync(setPresence: "offline").nextBatch != "")
                for socket in sockets { socket.close(withReset: true) }
                return held
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            #expect(held == 16)
            #expect(hearth.errorOutput.contains("one address has as many connections as it may"))
        }
    }

    @Test("a trusted proxy's connections are not bounded by its address")
    func proxy() async throws {
        let settings = Bystander.defaultLimits.merging(["listen.trusted_proxies": "127.0.0.2"]) { _, given in given }
        try await withHearth(settings: settings, openFiles: Self.openFiles) { hearth in
            let sockets = try (0..<40).map { _ in
                let socket = try RawSocket(to: try hearth.baseURL, from: "127.0.0.2")
                try socket.send("POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
                return socket
            }
            try await Task.sleep(for: .milliseconds(500))
            #expect(sockets.allSatisfy { !$0.hasNews })
            for socket in sockets { socket.close(withReset: true) }
        }
    }
}

import Foundation
import HTTPTypes
import HearthServices
import Logging
import MatrixModel
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Testing

@testable import ClientAPI

/// What only a real server with real sockets shows.
struct LiveConnectionTests {
    @Test("a client that leaves frees its held sync at once")
    func clientLeaves() async throws {
        try await EdgeFixture.run { edge in
            let token = try await edge.register("alice")
            let since = try await edge.sync(token: token)
            try await edge.serve { port in
                for keepsOpen in [false, true] {
                    let client = try await RawClient.connect(port: port)
                    if keepsOpen {
                        client.send("GET /_matrix/client/versions HTTP/1.1\r\nHost: x\r\n\r\n")
                        try await eventually("the first answer") { client.text.contains("\"versions\"") }
                    }
                    client.send(heldSync(since: since, token: token))
                    try await eventually("the sync is held") { edge.notifier.heldCount == 1 }
                    try await client.close()
                    try await eventually("the sync is freed") { edge.notifier.heldCount == 0 }
                }
                try await eventually("no connection is left") { edge.services.connections.count == 0 }
            }
        }
    }

    @Test("where all connections are taken and each has just asked something, a newcomer is served within two seconds")
    func newcomer() async throws {
        try await EdgeFixture.run { edge in
            try await edge.serve(connections: 8) { port in
                let request = "GET /_matrix/client/versions HTTP/1.1\r\nHost: x\r\n\r\n"
                var clients: [RawClient] = []
                for _ in 0..<8 { clients.append(try await RawClient.connect(port: port)) }
                for client in clients { client.send(request) }
                try await eventually("all are answered") { clients.allSatisfy { $0.text.contains("\"versions\"") } }
                let began = ContinuousClock.now
                let newcomer = try await RawClient.connect(port: port)
                newcomer.send(request)
                try await eventually("the newcomer is served") { newcomer.text.contains("\"versions\"") }
                #expect(ContinuousClock.now - began < .seconds(2))
                for client in clients + [newcomer] { try await client.close() }
            }
        }
    }

    @Test("a body that is too large gets one answer, and then the connection ends")
    func tooLarge() async throws {
        try await EdgeFixture.run { edge in
            let token = try await edge.register("alice")
            try await edge.serve { port in
                let client = try await RawClient.connect(port: port)
                client.send(
                    "POST /_matrix/client/v3/createRoom HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n"
                        + "Content-Length: 500000000\r\n\r\n" + String(repeating: " ", count: 100_000))
                try await eventually("the connection ends") { edge.services.connections.count == 0 && !client.text.isEmpty }
                #expect(client.text.contains("M_TOO_LARGE"))
                #expect(client.text.components(separatedBy: "HTTP/1.1 ").count == 2)
                try await client.close()
            }
        }
    }

    @Test("one connection serves several requests, a held sync among them")
    func keepAlive() async throws {
        try await EdgeFixture.run { edge in
            let token = try await edge.register("alice")
            let since = try await edge.sync(token: token)
            try await edge.serve { port in
                let client = try await RawClient.connect(port: port)
                client.send(heldSync(since: since, token: token))
                try await eventually("the sync is held") { edge.notifier.heldCount == 1 }
                try await edge.makeNews("marker", token: token)
                try await eventually("the answer") { client.text.contains("marker") }
                client.send("GET /_matrix/client/v3/nothing HTTP/1.1\r\nHost: x\r\n\r\n")
                try await eventually("the second answer") { client.text.contains("M_UNRECOGNIZED") }
                #expect(client.text.contains("HTTP/1.1 404"))
                try await client.close()
            }
        }
    }

    @Test("a poll that is repeated over its connection is refused from the moment at which its token is no longer valid")
    func repeatedPoll() async throws {
        try await EdgeFixture.run { edge in
            let token = try await edge.register("alice")
            let since = try await edge.sync(token: token)
            try await edge.serve { port in
                let client = try await RawClient.connect(port: port)
                for count in 1...3 {
                    client.send(heldSync(since: since, token: token, timeout: 1))
                    try await eventually("an answer") {
                        client.text.components(separatedBy: "HTTP/1.1 200 OK").count == 1 + count
                    }
                }
                _ = try await edge.send(.post, "/_matrix/client/v3/logout", token: token)
                client.send(heldSync(since: since, token: token, timeout: 1))
                try await eventually("the refusal") { client.text.contains("HTTP/1.1 401") }
                #expect(client.text.contains("M_UNKNOWN_TOKEN"))
                try await client.close()
            }
        }
    }

    @Test("what comes behind a held sync on the same connection is answered after it, in order")
    func pipelined() async throws {
        try await EdgeFixture.run { edge in
            let token = try await edge.register("alice")
            let since = try await edge.sync(token: token)
            try await edge.serve { port in
                let client = try await RawClient.connect(port: port)
                client.send("GET /_matrix/client/versions HTTP/1.1\r\nHost: x\r\n\r\n")
                try await eventually("the first answer") { client.text.contains("\"versions\"") }
                client.send(
                    heldSync(since: since, token: token) + "GET /_matrix/client/v3/nothing HTTP/1.1\r\nHost: x\r\n\r\n"
                        + heldSync(since: since, token: token) + "GET /_matrix/client/v3/nil HTTP/1.1\r\nHost: x\r\n\r\n")
                try await eventually("the sync is held") { edge.notifier.heldCount == 1 }
                #expect(!client.text.contains("M_UNRECOGNIZED"))
                try await edge.makeNews("marker", token: token)
                try await eventually("four more answers") { client.text.components(separatedBy: "HTTP/1.1 ").count == 6 }
                let bodies = client.text.components(separatedBy: "HTTP/1.1 ").dropFirst(2)
                #expect(bodies.map { $0.contains("marker") } == [true, false, true, false])
                #expect(bodies.map { $0.hasPrefix("404") } == [false, true, false, true])
                try await client.close()
                try await eventually("no connection is left") { edge.services.connections.count == 0 }
            }
        }
    }

    @Test(
        "a repeated poll continues from its own position, keeps its place before what comes behind it, and can come again after that"
    )
    func repeatedPollBetweenOthers() async throws {
        try await EdgeFixture.run { edge in
            let token = try await edge.register("alice")
            let room = try await edge.makeRoom(token: token)
            let since = try await edge.sync(token: token)
            try await edge.serve { port in
                let client = try await RawClient.connect(port: port)
                let answers = { client.text.components(separatedBy: "HTTP/1.1 ").dropFirst().map { $0 } }
                var position = since
                for round in 1...3 {
                    // The first poll of a round is read by the parser, the second one repeats it.
                    for half in ["a", "b"] {
                        let count = answers().count
                        client.send(heldSync(since: position, token: token))
                        try await eventually("the sync is held") { edge.notifier.heldCount == 1 }
                        if half == "b" { client.send("GET /_matrix/client/v3/nothing HTTP/1.1\r\nHost: x\r\n\r\n") }
                        let marker = "marker-\(round)\(half)"
                        // News that memory holds: whoever asks for them from too early on gets the ones before as well, and at once.
                        _ = try await edge.send(
                            .put, "/_matrix/client/v3/rooms/\(room)/send/m.room.message/\(marker)",
                            #"{"msgtype":"m.text","body":"\#(marker)"}"#, token: token)
                        try await eventually("the answers") {
                            answers().count == count + (half == "b" ? 2 : 1) && client.text.hasSuffix("}")
                        }
                        let answer = answers()[count]
                        #expect(answer.components(separatedBy: "\"body\":\"marker-").count == 2 && answer.contains(marker))
                        if half == "b" { #expect(answers()[count + 1].hasPrefix("404")) }
                        let rest = try #require(answer.components(separatedBy: "\"next_batch\":\"").last)
                        position = String(rest.prefix { $0 != "\"" })
                    }
                }
                try await client.close()
                try await eventually("no connection is left") { edge.services.connections.count == 0 }
            }
        }
    }

    @Test("a held sync's answer has the headers of every answer")
    func headers() async throws {
        try await EdgeFixture.run { edge in
            let token = try await edge.register("alice")
            let since = try await edge.sync(token: token)
            try await edge.serve { port in
                let client = try await RawClient.connect(port: port)
                // From memory, and from the store.
                client.send(heldSync(since: since, token: token, timeout: 1))
                try await eventually("the answer of nothing new") {
                    client.text.contains("\(since)\"") && client.text.hasSuffix("}")
                }
                client.send("GET /_matrix/client/v3/sync?access_token=\(token) HTTP/1.1\r\nHost: x\r\n\r\n")
                try await eventually("both answers") {
                    client.text.components(separatedBy: "HTTP/1.1 200 OK").count == 3 && client.text.hasSuffix("}")
                }
                let names = client.text.components(separatedBy: "HTTP/1.1 200 OK\r\n").dropFirst().map { answer in
                    let head = answer.components(separatedBy: "\r\n\r\n")[0]
                    return Set(head.components(separatedBy: "\r\n").map { $0.prefix { $0 != ":" }.lowercased() })
                }
                // Here nothing stands before the responder that would give it an id.
                #expect(names[0] == names[1].subtracting(["deprecation"]).union(["x-request-id"]))
                try await client.close()
            }
        }
    }

    @Test("a body without an end is answered with 413 at the limit, and the connection ends")
    func endlessBody() async throws {
        try await EdgeFixture.run(["limits.request_body": "1024"]) { edge in
            try await edge.serve { port in
                let client = try await RawClient.connect(port: port)
                client.send("POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                client.send("400\r\n\(String(repeating: "x", count: 1024))\r\n")
                #expect(!client.text.contains("413"))
                client.send("1\r\nx\r\n")
                try await eventually("the refusal") { client.text.contains("M_TOO_LARGE") }
                #expect(client.text.contains("HTTP/1.1 413"))
                try await eventually("the server closes its side") { client.isEnded }
                try await client.close()
                try await eventually("no connection is left") { edge.services.connections.count == 0 }
            }
        }
    }

    @Test(
        "what is no HTTP ends the connection and nothing else",
        arguments: ["\u{0}\u{1}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"])
    func noHTTP(bytes: String) async throws {
        try await EdgeFixture.run { edge in
            try await edge.serve { port in
                let broken = try await RawClient.connect(port: port)
                broken.send(bytes)
                let client = try await RawClient.connect(port: port)
                client.send("GET /_matrix/client/versions HTTP/1.1\r\nHost: x\r\n\r\n")
                try await eventually("another client's answer") { client.text.contains("\"versions\"") }
                try await client.close()
                try await broken.close()
            }
        }
    }
}

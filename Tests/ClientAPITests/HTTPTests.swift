import HTTPTypes
import HearthServices
import MatrixModel
import Testing

@testable import AdminAPI
@testable import ClientAPI

/// What HTTP itself asks of a server, whatever Matrix says.
@Suite("HTTP")
struct HTTPTests {
    private static func path(_ pattern: String) -> String {
        pattern.split(separator: "/", omittingEmptySubsequences: false).map { $0.first == ":" ? "none" : String($0) }
            .joined(separator: "/")
    }

    @Test("whatever GET reads HEAD asks about, with the same status and headers and without a body; /sync alone does not")
    func head() async throws {
        try await EdgeFixture.run { edge in
            let token = try await edge.register("alice")
            for endpoint in Endpoints.all where endpoint.method == .get && !(endpoint is GetSync.Type) {
                for path in endpoint.paths {
                    let path = Self.path(path)
                    for token in [nil, token] {
                        let get = try await edge.send(.get, path, token: token)
                        let head = try await edge.send(.head, path, token: token)
                        #expect(head.status == get.status && head.bytes.isEmpty, "\(path)")
                        #expect(head.headers[.contentType] == get.headers[.contentType], "\(path)")
                        #expect(head.headers[.contentLength] != nil, "\(path)")
                    }
                }
            }
            let known = try await edge.send(.head, "/_matrix/client/v3/profile/@alice:hearth.test")
            #expect(known.status == 200)
        }
    }

    @Test("HEAD counts against the same limits as GET, and is refused as GET is")
    func headIsLimited() async throws {
        try await EdgeFixture.run(["rate_limits.enabled": "true"]) { edge in
            _ = try await edge.register("alice")
            let path = "/_matrix/client/v3/profile/@alice:hearth.test"
            var statuses: [Int: Int] = [:]
            for _ in 0..<250 { statuses[try await edge.send(.head, path).status, default: 0] += 1 }
            #expect(statuses[200, default: 0] >= 200 && statuses[429, default: 0] > 0, "\(statuses)")
            let (get, head) = (try await edge.send(.get, path), try await edge.send(.head, path))
            #expect(get.status == 429 && head.status == 429 && head.bytes.isEmpty)
            #expect(head.headers[.retryAfter] != nil)
        }
    }

    @Test("what HEAD borrows for an answer that is not sent is given back")
    func headGivesBack() async throws {
        try await EdgeFixture.run(["limits.buffers": "1048576", "limits.request_body": "100000"]) { edge in
            let token = try await edge.register("alice")
            let path = "/_matrix/client/v3/user/@alice:hearth.test/account_data/large"
            let content = "{\"text\":\"\(String(repeating: "x", count: 50_000))\"}"
            #expect(try await edge.send(.put, path, content, token: token).status == 200)
            for _ in 0..<40 { #expect(try await edge.send(.head, path, token: token).status == 200) }
            #expect(try await edge.send(.get, path, token: token).bytes.count == content.utf8.count)
        }
    }

    @Test("HEAD of /sync is 405 at once: it holds nothing, is no contact and acknowledges nothing")
    func headOfSync() async throws {
        try await EdgeFixture.run { edge in
            let token = try await edge.register("alice")
            let since = try await edge.sync(token: token)
            try await edge.serve { port in
                let client = try await RawClient.connect(port: port)
                let target = "/_matrix/client/v3/sync?since=\(since)&timeout=250000&access_token=\(token)"
                client.send("HEAD \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
                try await eventually("the answer") { client.text.hasSuffix("\r\n\r\n") }
                #expect(client.answers.map(\.status) == [405])
                #expect(client.answers.first?.field("Allow") == "GET, OPTIONS")
                #expect(edge.notifier.heldCount == 0)
                let path = "/_matrix/client/v3/presence/@alice:hearth.test/status"
                // Whatever waited for the writer is written by now.
                try await edge.makeNews("x", token: token)
                let before = try await edge.send(.get, path, token: token)
                #expect(try before.json["presence"] == "offline")
                _ = try await edge.send(.get, "/_matrix/client/v3/sync?since=\(since)", token: token)
                var after: JSON?
                let deadline = ContinuousClock.now + .seconds(60)
                while after != "online", ContinuousClock.now < deadline {
                    after = try await edge.send(.get, path, token: token).json["presence"]
                }
                #expect(after == "online", "what GET does")
                try await client.close()
            }
        }
    }

    @Test("405 says in Allow what the path is served with, in the admin API too")
    func allow() async throws {
        try await EdgeFixture.run(["legacy.enabled": "false"]) { edge in
            let token = try await edge.register("alice")
            for (method, path, allow) in [
                (HTTPRequest.Method.delete, "/_matrix/client/v3/sync", "GET, OPTIONS"),
                (.get, "/_matrix/client/v3/createRoom", "POST, OPTIONS"),
                (.post, "/_matrix/client/versions", "GET, HEAD, OPTIONS"),
                (.post, "/_matrix/client/v3/profile/@alice:hearth.test/displayname", "DELETE, GET, HEAD, PUT, OPTIONS"),
                (.init("BREW") ?? .trace, "/_matrix/client/v3/keys/query", "POST, OPTIONS"),
                (.get, "/_matrix/client/v3/presence/@alice:hearth.test/status", "PUT, OPTIONS"),
                (.delete, "/_hearth/admin/v1/users", "GET, HEAD, OPTIONS"),
            ] {
                let answer = try await edge.send(method, path, token: token)
                #expect(answer.status == 405, "\(method) \(path)")
                #expect(answer.headers[.allow] == allow, "\(method) \(path)")
            }
        }
    }

    @Test("a body that waits for 100 Continue comes once it is wanted, and is not asked for where the head is refused already")
    func expectation() async throws {
        try await EdgeFixture.run { edge in
            let token = try await edge.register("alice")
            let body = #"{"a":"b"}"#
            @Sendable func head(_ token: String, _ target: String, length: Int) -> String {
                "\(target) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nExpect: 100-Continue\r\nContent-Length: \(length)\r\n\r\n"
            }
            try await edge.serve { port in
                let targets = [
                    "PUT /_matrix/client/v3/user/@alice:hearth.test/account_data/x", "POST /_matrix/media/v3/upload",
                ]
                for target in targets {
                    let client = try await RawClient.connect(port: port)
                    for round in 1...2 {
                        client.send(head(token, target, length: body.utf8.count))
                        try await eventually("the server wants the body") { client.answers.count == 2 * round - 1 }
                        #expect(client.answers.last?.status == 100)
                        client.send(body)
                        try await eventually("the answer") { client.answers.count == 2 * round && client.text.hasSuffix("}") }
                        #expect(client.answers.last?.status == 200)
                    }
                    try await client.close()
                    for (token, length, status) in [("nobody", 9, 401), (token, 500_000_000, 413)] {
                        let refused = try await RawClient.connect(port: port)
                        refused.send(head(token, target, length: length))
                        try await eventually("the refusal") { refused.text.hasSuffix("}") }
                        #expect(refused.answers.map(\.status) == [status], "\(target)")
                        try await refused.close()
                    }
                }
            }
        }
    }

    @Test("a page may read when to come again")
    func retryAfter() {
        let failure = ClientFailure.tryAgain(.tooManyRequests, "Later.", afterMilliseconds: 1200)
        #expect(failure.headers[.retryAfter] == "2")
        #expect(failure.headers[.accessControlExposeHeaders] == "Retry-After")
    }

    @Test(
        "If-None-Match is a list of tags, compared weakly",
        arguments: [
            (#""a""#, true), (#"W/"a""#, true), (#""b", "a""#, true), (#""b",W/"a""#, true), (#""x,y" ,"a""#, true), ("*", true),
            (" * ", true), (#""b""#, false), (#""b*""#, false), ("a", false), ("", false), (#""a"#, false), (#""b, a""#, false),
            (#""A""#, false), (#"W/"b", "c""#, false),
        ])
    func entityTags(field: String, names: Bool) {
        #expect(EntityTags(field).contain(#""a""#) == names)
    }
}

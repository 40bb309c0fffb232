import HTTPTypes
import MatrixModel
import Testing

@testable import ClientAPI
@testable import HearthRuntime
@testable import HearthServices

/// What a server that has too much to do answers, over real sockets.
struct RefusalTests {
    private static let path = "/_matrix/client/v3/user/@alice:hearth.test/account_data/a.b"

    @Test("whoever is refused is told when to come again, in both ways, and nothing of the request has happened")
    func refused() async throws {
        try await live { edge, token, port in
            overload(edge)
            let client = try await RawClient.connect(port: port)
            for count in 1...64 {
                client.send(put(#"{"n":\#(count)}"#, token: token))
                try await eventually("an answer") { client.answers.count == count && client.text.hasSuffix("}") }
            }
            let refused = client.answers.filter { $0.status == 429 }
            #expect(refused.count >= 63)
            for answer in refused {
                let body = try #require(JSON(parsing: Array(answer.body.utf8), options: .clientRequest).objectValue)
                #expect(body["errcode"] == "M_LIMIT_EXCEEDED")
                let milliseconds = try #require(body["retry_after_ms"]?.integerValue)
                let seconds = try #require(answer.field("Retry-After").flatMap { Int64($0) })
                #expect(seconds * 1000 >= milliseconds && milliseconds > 0)
                for name in ["X-Request-ID", "Date", "Access-Control-Allow-Origin"] { #expect(answer.field(name) != nil) }
            }
            #expect(edge.services.admission.awakeCount == Admission.harmless, "nobody is forgotten")
            let stored = try await edge.send(.get, Self.path, token: token)
            if let last = client.answers.lastIndex(where: { $0.status == 200 }) {
                #expect(try stored.json["n"]?.integerValue == Int64(last + 1))
            } else {
                #expect(stored.status == 404)
            }
            try await client.close()
        }
    }

    @Test("whoever has many requests under way is refused, over whatever connection; others are not")
    func byAsker() async throws {
        try await live { edge, token, port in
            let bob = try await edge.register("bob")
            let admission = edge.services.admission
            let alice = MemoryBorrower(user: UserID("@alice:hearth.test"))
            let place = try #require(admission.place(of: alice))
            // One in four thousand times the two share a counter.
            if admission.place(of: MemoryBorrower(user: UserID("@bob:hearth.test"))) == place { return }
            for _ in 0..<200 {
                admission.enter()
                admission.began(at: place)
            }
            let wait = ExpectedWait(behindAll: .seconds(2), inTurn: .milliseconds(10))
            for _ in 0..<50 { admission.observed(processorWait: .zero, writerWait: wait, readerWait: wait) }
            for (asker, most) in [(token, 1), (bob, 20)] {
                let client = try await RawClient.connect(port: port)
                for count in 1...20 {
                    client.send(
                        "GET /_matrix/client/v3/joined_rooms HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(asker)\r\n\r\n")
                    try await eventually("an answer") { client.answers.count == count && client.text.hasSuffix("}") }
                }
                #expect(client.answers.count { $0.status == 429 } == 20 - client.answers.count { $0.status == 200 })
                let admitted = client.answers.count { $0.status == 200 }
                #expect(most == 20 ? admitted == 20 : admitted <= most, "\(admitted)")
                try await client.close()
            }
        }
    }

    @Test("what comes in one piece is answered in order, whether refused or not, bodies and all")
    func pipelined() async throws {
        try await live { edge, token, port in
            overload(edge)
            let client = try await RawClient.connect(port: port)
            // What nothing is served at is not refused.
            let pair = "GET /_matrix/client/v3/nothing HTTP/1.1\r\nHost: x\r\n\r\n" + put(#"{"n":1}"#, token: token)
            client.send(String(repeating: pair, count: 32))
            try await eventually("all answers") { client.answers.count == 64 }
            let statuses = client.answers.map(\.status)
            #expect(stride(from: 0, to: 64, by: 2).allSatisfy { statuses[$0] == 404 })
            #expect(stride(from: 1, to: 64, by: 2).allSatisfy { statuses[$0] == 429 || statuses[$0] == 200 })
            #expect(statuses.filter { $0 == 429 }.count >= 31)
            try await client.close()
            try await eventually("no connection is left") { edge.services.connections.count == 0 }
        }
    }

    @Test("a body that comes behind its refusal is dropped, and the connection goes on")
    func lateBody() async throws {
        try await live { edge, token, port in
            refuseAll(edge)
            let client = try await RawClient.connect(port: port)
            client.send(
                "PUT \(Self.path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            try await eventually("the refusal") { client.answers.count == 1 }
            client.send("3\r\n{\"a\r\n")
            client.send("4\r\n\":1}\r\n0\r\n\r\nGET /_matrix/client/v3/nothing HTTP/1.1\r\nHost: x\r\n\r\n")
            try await eventually("the next answer") { client.answers.count == 2 }
            #expect(client.answers.map(\.status) == [429, 404])
            try await client.close()
        }
    }

    @Test("a refused connection that is to end ends, a refused file is not read, and HEAD gets no body")
    func ends() async throws {
        try await live { edge, token, port in
            refuseAll(edge)
            let last = try await RawClient.connect(port: port)
            last.send("GET /_matrix/client/versions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            try await eventually("the server closes") { last.isEnded }
            #expect(last.answers.map(\.status) == [429])

            let file = try await RawClient.connect(port: port)
            file.send(
                "POST /_matrix/media/v3/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Length: 9999\r\n\r\nx"
            )
            try await eventually("the server closes") { file.isEnded }
            #expect(file.answers.map(\.status) == [429])

            let head = try await RawClient.connect(port: port)
            head.send(
                "HEAD /_matrix/client/v1/media/download/hearth.test/x HTTP/1.1\r\nHost: x\r\n\r\n"
                    + "GET /_matrix/client/v3/nothing HTTP/1.1\r\nHost: x\r\n\r\n")
            try await eventually("both answers") { head.answers.count == 2 }
            #expect(head.answers.map(\.status) == [429, 404])
            for client in [last, file, head] { try await client.close() }
        }
    }

    @Test("a sync that was held is answered, also with news that only the store has")
    func held() async throws {
        try await EdgeFixture.run { edge in
            let token = try await edge.register("alice")
            let since = try await edge.sync(token: token)
            try await edge.serve { port in
                let client = try await RawClient.connect(port: port)
                client.send(heldSync(since: since, token: token))
                try await eventually("the sync is held") { edge.notifier.heldCount == 1 }
                refuseAll(edge)
                try await edge.makeNews("marker", token: token)
                try await eventually("the answer") { client.answers.count == 1 }
                #expect(client.answers[0].status == 200)
                try await eventually("the news") { client.text.contains("marker") }
                try await client.close()
            }
        }
    }

    @Test("operators are never refused, nor are clients that only ask what a browser asks first")
    func neverRefused() async throws {
        try await EdgeFixture.run { edge in
            let admin = try await edge.makeAdmin("root")
            try await edge.serve { port in
                refuseAll(edge)
                let client = try await RawClient.connect(port: port)
                for count in 1...20 {
                    client.send(
                        "GET /_hearth/admin/v1/overview HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(admin)\r\n\r\n"
                            + "OPTIONS /_matrix/client/v3/sync HTTP/1.1\r\nHost: x\r\n\r\n")
                    try await eventually("both answers") { client.answers.count == 2 * count }
                }
                #expect(client.answers.allSatisfy { $0.status == 200 })
                try await client.close()
            }
        }
    }

    /// A server to connect to, and alice's token.
    private func live(_ story: @escaping @Sendable (EdgeFixture, _ token: String, _ port: Int) async throws -> Void) async throws
    {
        try await EdgeFixture.run { edge in
            let token = try await edge.register("alice")
            try await edge.serve { port in try await story(edge, token, port) }
        }
    }

    /// So many requests that each more may be refused, all waiting too long.
    private func overload(_ edge: EdgeFixture) {
        let admission = edge.services.admission
        for _ in 0..<Admission.harmless { admission.enter() }
        for _ in 0..<50 {
            admission.observed(processorWait: .seconds(1), writerWait: ExpectedWait(.zero), readerWait: ExpectedWait(.zero))
        }
    }

    /// So many requests that each more is refused.
    private func refuseAll(_ edge: EdgeFixture) {
        for _ in 0..<Admission.mostAwake { edge.services.admission.enter() }
    }

    private func put(_ body: String, token: String) -> String {
        "PUT \(Self.path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}

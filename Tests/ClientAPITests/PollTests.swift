import HTTPTypes
import HearthServices
import MatrixModel
import NIOCore
import SubscriptionCore
import Testing

@testable import ClientAPI

@Suite("Polls that are known again")
struct PollTests {
    private static let pattern = "/_matrix/client/v3/sync"

    private func text(_ query: String, pattern: String = pattern, authorization: String? = "Bearer a") -> String {
        "GET \(pattern)?\(query) HTTP/1.1\r\nHost: x\r\n" + (authorization.map { "Authorization: \($0)\r\n" } ?? "")
            + "Accept: */*\r\n\r\n"
    }

    private func poll(_ query: String, from text: String) throws -> Poll? {
        Poll(
            bytes: ByteBuffer(string: text),
            head: HTTPRequest(method: .get, scheme: "http", authority: "x", path: "\(Self.pattern)?\(query)"),
            pattern: Self.pattern,
            token: AccessTokenHash(of: "a"), request: SyncRequest(timeout: .seconds(30)))
    }

    private func poll(_ query: String, authorization: String? = "Bearer a") throws -> Poll? {
        try poll(query, from: text(query, authorization: authorization))
    }

    private func since(in text: String, by poll: Poll) -> ClientToken? {
        // Behind other bytes, as a socket's buffer has them.
        var bytes = ByteBuffer(string: "other" + text + "other")
        bytes.moveReaderIndex(forwardBy: 5)
        bytes.moveWriterIndex(to: bytes.writerIndex - 5)
        return poll.since(in: bytes)
    }

    @Test(
        "what differs in the position alone is the same poll",
        arguments: [
            ("since=s1", "since=s22", "s22"), ("since=s1&timeout=30000", "since=s1&timeout=30000", "s1"),
            ("since=s123456&timeout=30000", "since=s7&timeout=30000", "s7"),
            ("timeout=30000&since=s1&filter=%7B%7D", "timeout=30000&since=s4711_3&filter=%7B%7D", "s4711_3"),
            ("filter=%7B%22since%22%3A1%7D&since=s1", "filter=%7B%22since%22%3A1%7D&since=s12d7", "s12d7"),
            ("&&since=s1&", "&&since=s2&", "s2"),
            ("since=s1&timeout=30000", "since=s12_3d4.KxtrmQab&timeout=30000", "s12_3d4.KxtrmQab"),
        ])
    func repeated(first: String, second: String, position: String) throws {
        let poll = try #require(try poll(first))
        let since = try #require(self.since(in: text(second), by: poll))
        #expect(since == ClientToken(position))
        let point = SyncToken(StreamPosition(5))
        #expect(poll.request(since: point).since == point)
        #expect(poll.request(since: point).timeout == .seconds(30))
        #expect(poll.path(since: since) == "\(Self.pattern)?\(second)")
    }

    @Test(
        "everything else is read anew",
        arguments: [
            "since=", "since=s", "since=%73", "since=s1%20", "since=x1", "sinc=s1", "since=s1&timeout=30000&",
            "since=s1&timeout=3000", "since=s1 HTTP/1.1\r\n\r\nGET /?timeout=30000", "since=s1\r\n&timeout=30000", "since=s1.abc",
            "timeout=30000&since=s1", "since=s1", "", "since=s1&timeout=30000&since=s2", "since=s1&since=s2&timeout=30000",
        ])
    func different(second: String) throws {
        let poll = try #require(try poll("since=s1&timeout=30000"))
        #expect(since(in: text(second), by: poll) == nil)
    }

    @Test("a part of it, more than it, another path, another header or another token are another poll")
    func differentRequest() throws {
        let poll = try #require(try poll("since=s1"))
        let same = text("since=s1")
        #expect(since(in: same, by: poll) == ClientToken("s1"))
        for length in 0..<same.utf8.count {
            #expect(since(in: String(decoding: same.utf8.prefix(length), as: UTF8.self), by: poll) == nil)
        }
        for other in [
            same + same, same + "G", "\r\n" + same, same.replacing("*/*", with: "*/?"), same.replacing("GET", with: "PUT"),
        ] {
            #expect(since(in: other, by: poll) == nil)
        }
        #expect(since(in: text("since=s1", pattern: "/_matrix/client/r0/sync"), by: poll) == nil)
        for other in [nil, "", "Bearer b", "bearer a"] {
            #expect(since(in: text("since=s1", authorization: other), by: poll) == nil)
        }
    }

    @Test("bytes that are not this one request alone are no pattern for others")
    func unsuitable() throws {
        let query = "since=s1"
        let whole = text(query)
        #expect(try poll(query, from: whole) != nil)
        for other in [
            "", String(whole.dropLast()), String(whole.dropFirst()), whole + whole, whole + "G", "\r\n" + whole, text("since=s2"),
            whole.replacing("HTTP/1.1", with: "HTTP/1.0"), whole.replacing("GET", with: "POST"),
            whole.replacing("\r\n", with: "\n"),
        ] {
            #expect(try poll(query, from: other) == nil)
        }
    }

    @Test(
        "a query in which the position is written another time is not to be known again",
        arguments: ["timeout=1", "%73ince=s1&since=s2", "since=s1&%73ince=s2", "since=s1&since=s2", "since=s1&x=%zz"])
    func ambiguous(query: String) throws {
        #expect(try poll(query) == nil)
    }
}

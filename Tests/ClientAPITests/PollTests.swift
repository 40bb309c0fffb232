import HearthServices
import MatrixModel
import SubscriptionCore
import Testing

@testable import ClientAPI

@Suite("Polls that are known again")
struct PollTests {
    private static let pattern = "/_matrix/client/v3/sync"

    private func poll(_ query: String, authorization: String? = "Bearer a") throws -> Poll? {
        Poll(
            pattern: Self.pattern, query: query[...], authorization: authorization, token: AccessTokenHash(of: "a"),
            request: try GetSync.request(try QueryParameters(query)))
    }

    @Test(
        "what differs in the position alone is the same poll",
        arguments: [
            ("since=s1", "since=s22"), ("since=s1&timeout=30000", "since=s1&timeout=30000"),
            ("timeout=30000&since=s1&filter=%7B%7D", "timeout=30000&since=s4711_3&filter=%7B%7D"),
            ("filter=%7B%22since%22%3A1%7D&since=s1", "filter=%7B%22since%22%3A1%7D&since=s12d7"), ("&&since=s1&", "&&since=s2&"),
        ])
    func repeated(first: String, second: String) throws {
        let poll = try #require(try poll(first))
        let request = try #require(poll.repeated(by: "\(Self.pattern)?\(second)", authorization: "Bearer a"))
        #expect(request.since == (try GetSync.request(try QueryParameters(second))).since)
        #expect(request.timeout == poll.request.timeout)
    }

    @Test(
        "everything else is read anew",
        arguments: [
            "since=", "since=s", "since=%73", "since=s1%20", "since=x1", "sinc=s1", "since=s1&timeout=30000&",
            "since=s1&timeout=3000",
            "timeout=30000&since=s1", "since=s1", "", "since=s1&timeout=30000&since=s2", "since=s1&since=s2&timeout=30000",
        ])
    func different(second: String) throws {
        let poll = try #require(try poll("since=s1&timeout=30000"))
        #expect(poll.repeated(by: "\(Self.pattern)?\(second)", authorization: "Bearer a") == nil)
    }

    @Test("another path or another token is another poll, also in the query")
    func differentRequester() throws {
        let header = try #require(try poll("since=s1"))
        #expect(header.repeated(by: "/_matrix/client/r0/sync?since=s1", authorization: "Bearer a") == nil)
        for other in [nil, "", "Bearer b", "bearer a"] {
            #expect(header.repeated(by: "\(Self.pattern)?since=s1", authorization: other) == nil)
        }
        let query = try #require(try poll("since=s1&access_token=a", authorization: nil))
        #expect(query.repeated(by: "\(Self.pattern)?since=s2&access_token=a", authorization: nil) != nil)
        #expect(query.repeated(by: "\(Self.pattern)?since=s2&access_token=b", authorization: nil) == nil)
        #expect(query.repeated(by: "\(Self.pattern)?since=s2&access_token=a", authorization: "Bearer a") == nil)
    }

    @Test(
        "a query in which the position is written another time is not to be known again",
        arguments: ["timeout=1", "%73ince=s1&since=s2", "since=s1&%73ince=s2", "since=s1&since=s2", "since=s1&x=%zz"])
    func ambiguous(query: String) throws {
        let poll = Poll(
            pattern: Self.pattern, query: query[...], authorization: nil, token: AccessTokenHash(of: "a"), request: SyncRequest())
        #expect(poll == nil)
    }
}

import HTTPTypes
import MatrixModel
import PresenceCore
import SubscriptionCore
import Testing

@testable import ClientAPI
@testable import HearthServices

struct QueryParametersTests {
    @Test(
        "queries are decoded as forms encode them, and the first of two counts",
        arguments: [
            ("a=1", "1"), ("a=%2B+b", "+ b"), ("a=1&a=2", "1"), ("b=1", nil), ("a", ""), ("a=", ""), ("a=x=y", "x=y"), ("", nil),
            ("&&a=1&", "1"), ("%61=1", "1"), (nil, nil),
        ])
    func decoding(query: String?, expected: String?) throws {
        #expect(try QueryParameters(query)["a"] == expected)
    }

    @Test("a query that is not percent-encoded UTF-8 is refused", arguments: ["a=%", "a=%G1", "%FF=1", "a=%00"])
    func refused(query: String) throws {
        let failure = #expect(throws: ClientFailure.self) { try QueryParameters(query) }
        #expect(failure?.code == .invalidParam)
    }

    @Test(
        "limits are 10 by default and at most 1000",
        arguments: [
            ("", 10), ("limit=0", 0), ("limit=7", 7), ("limit=1000", 1000), ("limit=1001", 1000),
            ("limit=9223372036854775807", 1000),
        ])
    func limits(query: String, expected: Int) throws {
        #expect(try QueryParameters(query).limit() == expected)
    }

    @Test(
        "limits that are no numbers are refused",
        arguments: ["limit=-1", "limit=x", "limit=", "limit=1.5", "limit=99999999999999999999", "limit=+1"])
    func badLimits(query: String) throws {
        let parameters = try QueryParameters(query)
        let failure = #expect(throws: ClientFailure.self) { try parameters.limit() }
        #expect(failure?.code == .invalidParam)
    }

    @Test("an empty token is none, a strange one is refused")
    func tokens() throws {
        #expect(try QueryParameters("from=").token("from") == nil)
        #expect(try QueryParameters("from=s12").token("from") == ClientToken("s12"))
        for text in ["s", "12", "s-1", "s+1", "s01", "s1.", "s1.abc", "s1.KxtrmQa1", "s99999999999999999999", "t1-2"] {
            let parameters = try QueryParameters("from=\(text)")
            #expect(throws: ClientFailure.self, "\(text)") { try parameters.token("from") }
        }
    }

    @Test(
        "a sync without set_presence is impliedly online, with offline it says nothing",
        arguments: [
            ("", SyncClaim.impliedOnline), ("set_presence=offline", .silent), ("set_presence=online", .explicit(.online)),
            ("set_presence=unavailable", .explicit(.unavailable)), ("set_presence=busy", .explicit(.busy)),
            ("set_presence=org.matrix.msc3026.busy", .explicit(.busy)),
        ])
    func claims(query: String, expected: SyncClaim) throws {
        #expect(try GetSync.request(QueryParameters(query)) { _ in nil }.claim == expected)
    }

    @Test(
        "a sync's parameters of the wrong kind are refused",
        arguments: ["set_presence=", "set_presence=away", "timeout=-1", "timeout=x", "since=x", "full_state=1"])
    func badSync(query: String) throws {
        let parameters = try QueryParameters(query)
        let failure = #expect(throws: ClientFailure.self) { try GetSync.request(parameters) { _ in nil } }
        #expect(failure?.status == .badRequest)
        #expect(failure?.code == .invalidParam)
    }

    @Test("the longest time-out that can be written is no overflow")
    func longTimeout() throws {
        #expect(try GetSync.request(QueryParameters("timeout=9223372036854775807")) { _ in nil }.timeout > .seconds(300))
    }

    @Test(
        "a token stands in the header, else in the query",
        arguments: [
            ("Bearer abc", "", "abc"), ("bearer abc", "", "abc"), ("Bearer   abc", "", "abc"), (nil, "access_token=q", "q"),
            ("Bearer abc", "access_token=q", "abc"), ("Basic abc", "access_token=q", "q"), ("Bearer", "", nil),
            ("Bearer ", "", nil),
            (nil, "access_token=", nil), (nil, "", nil), ("abc", "", nil),
        ] as [(String?, String, String?)])
    func accessTokens(header: String?, query: String, expected: String?) throws {
        var headers = HTTPFields()
        headers[.authorization] = header
        #expect(AccessToken.find(in: headers, query: try QueryParameters(query)) == expected)
    }
}

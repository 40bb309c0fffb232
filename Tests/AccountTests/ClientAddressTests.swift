import Testing

@testable import HearthRuntime
@testable import HearthServices
@testable import HearthSettings

@Suite("The client's address")
struct ClientAddressTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let claim: String
        let peer: String
        let forwardedFor: [String]
        let trusted: [String]
        let client: String
        var testDescription: String { claim }
    }

    @Test(
        "only what trusted proxies say counts",
        arguments: [
            Case(
                claim: "an untrusted peer is the client, whatever it claims", peer: "203.0.113.9",
                forwardedFor: ["198.51.100.1"], trusted: ["127.0.0.1"], client: "203.0.113.9"),
            Case(
                claim: "without trusted proxies the header counts for nothing", peer: "127.0.0.1",
                forwardedFor: ["198.51.100.1"], trusted: [], client: "127.0.0.1"),
            Case(
                claim: "a trusted proxy names the client", peer: "127.0.0.1", forwardedFor: ["198.51.100.1"],
                trusted: ["127.0.0.1"], client: "198.51.100.1"),
            Case(
                claim: "what the client itself put in front is not believed", peer: "127.0.0.1",
                forwardedFor: ["10.9.9.9, 198.51.100.1"], trusted: ["127.0.0.1"], client: "198.51.100.1"),
            Case(
                claim: "a chain of trusted proxies is walked from the right", peer: "127.0.0.1",
                forwardedFor: ["1.1.1.1, 198.51.100.1, 10.0.0.7", "10.0.0.8"], trusted: ["127.0.0.1", "10.0.0.0/8"],
                client: "198.51.100.1"),
            Case(
                claim: "where all hops are trusted the left-most is the client", peer: "127.0.0.1",
                forwardedFor: ["10.0.0.1,10.0.0.2"], trusted: ["127.0.0.1", "10.0.0.0/8"], client: "10.0.0.1"),
            Case(
                claim: "an entry that is no address ends the walk", peer: "127.0.0.1",
                forwardedFor: ["198.51.100.1, unknown"], trusted: ["127.0.0.1"], client: "127.0.0.1"),
            Case(
                claim: "an empty header says nothing", peer: "127.0.0.1", forwardedFor: [""], trusted: ["127.0.0.1"],
                client: "127.0.0.1"),
            Case(
                claim: "ports and brackets are taken off", peer: "::1",
                forwardedFor: ["198.51.100.1:4711", "[2001:db8::2]:99"], trusted: ["::1", "2001:db8::/32"],
                client: "198.51.100.1"),
            Case(
                claim: "an IPv6-mapped peer is its IPv4 address", peer: "::ffff:127.0.0.1", forwardedFor: ["198.51.100.1"],
                trusted: ["127.0.0.1"], client: "198.51.100.1"),
            Case(
                claim: "a peer without an address stays what it is", peer: "unix", forwardedFor: ["198.51.100.1"],
                trusted: ["0.0.0.0/0"], client: "unix"),
        ])
    func cases(_ row: Case) throws {
        let trusted = try row.trusted.map { try #require(IPNetwork($0)) }
        #expect(ClientAddress.of(peer: row.peer, forwardedFor: row.forwardedFor, trusted: trusted).text == row.client)
    }

    @Test(
        "one IPv6 customer network and both spellings of an IPv4 address count as one client",
        arguments: [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
        ])
    func rateLimitKeys(one: String, other: String, isOne: Bool) {
        let keys = [one, other].map { ClientAddress.of(peer: $0, forwardedFor: [], trusted: []).rateLimitKey }
        #expect((keys[0] == keys[1]) == isOne)
    }
}

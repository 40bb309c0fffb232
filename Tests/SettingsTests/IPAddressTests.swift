import Testing

@testable import HearthSettings

@Suite("IP addresses and networks")
struct IPAddressTests {
    @Test(
        "one address in two spellings is one value",
        arguments: [
            ("::1", "0:0:0:0:0:0:0:1"), ("192.0.2.1", "::ffff:192.0.2.1"), ("192.0.2.1", "::ffff:c000:0201"),
            ("2001:DB8::A", "2001:db8:0:0:0::a"), ("::", "0:0:0:0:0:0:0:0"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ])
    func spellings(one: String, other: String) throws {
        #expect(try #require(IPAddress(one)) == (try #require(IPAddress(other))))
    }

    @Test(
        "everything else is no address",
        arguments: [
            "", ".", ":", ":::", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.4 ", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
            "1::2::3", "::12345", "::g", "1.2.3.4::", "::1.2.3.4:5", "::1%eth0", "[::1]", "localhost", ":1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8::",
        ])
    func noAddresses(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        "a network holds the addresses with its prefix",
        arguments: [
            ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false), ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false),
            ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false), ("192.0.2.128/25", "192.0.2.127", false),
            ("192.0.2.128/25", "192.0.2.129", true), ("10.0.0.0/8", "::ffff:10.1.1.1", true),
        ])
    func networks(network: String, address: String, isInside: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(try #require(IPAddress(address))) == isInside)
    }
}

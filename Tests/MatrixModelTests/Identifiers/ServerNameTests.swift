import MatrixModel
import Testing

@Suite("Server names")
struct ServerNameTests {
    @Test(
        "a DNS name, an IPv4 or a bracketed IPv6 address is a server name, with or without a port",
        arguments: [
            "matrix.org", "localhost", "a", "EXAMPLE.org", "xn--bcher-kva.example", "a-b.c-d.example", "matrix.org:8888",
            "example.org:1", "example.org:65535", "1.2.3.4", "1.2.3.4:1234", "[1234:5678::abcd]", "[::]", "[::1]:8448",
            "[::ffff:1.2.3.4]:5678", "[ABCD::EF01]", "1:2",
        ])
    func valid(text: String) {
        #expect(ServerName(text)?.rawValue == text)
    }

    @Test(
        "everything else is refused",
        arguments: [
            "", ":", ":80", "example.org:", "example.org:123456", "example.org:8a", "example.org:-1", "example.org:80:80",
            "exam ple.org", "example.org ", " example.org", "example_org", "bücher.example", "example.org/path", "@example.org",
            "[", "[]", "[:]", "[::1", "::1", "[::1]8448", "[::1]:", "[::1]:123456", "[g::1]", "[::1%eth0]", "[[::1]]",
            "example.org\u{0}", "example.org\n", "ex\u{301}ample.org", "example.org:\u{661}",
        ])
    func invalid(text: String) {
        #expect(ServerName(text) == nil)
    }

    @Test("a server name has at most 230 bytes")
    func length() {
        #expect(ServerName(String(repeating: "a", count: 230)) != nil)
        #expect(ServerName(String(repeating: "a", count: 231)) == nil)
        #expect(ServerName("[" + String(repeating: ":", count: 45) + "]") != nil)
        #expect(ServerName("[" + String(repeating: ":", count: 46) + "]") == nil)
    }

    @Test("names that differ in case are different names")
    func caseMatters() {
        #expect(ServerName("Example.org") != ServerName("example.org"))
    }
}

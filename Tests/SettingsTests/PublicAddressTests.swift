import HearthServices
import HearthSettings
import Testing

@Suite("Addresses that a user may make the server connect to")
struct PublicAddressTests {
    @Test(
        "public ones",
        arguments: [
            "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0", "223.255.255.255", "::ffff:1.1.1.1", "2606:4700::1111", "2a00:1450:4001::1", "2001:200::1",
        ])
    func publicOnes(text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic)
    }

    @Test(
        "private, local, shared, reserved, and IPv4 addresses in disguise",
        arguments: [
            "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.169.254",
            "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1",
            "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
            "2001::1", "2001:0:4136:e378::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "fc00::1", "fdff::1", "fe80::1",
            "febf::1",
            "fec0::1", "ff02::1", "4000::1",
        ])
    func others(text: String) throws {
        #expect(try !#require(IPAddress(text)).isPublic)
    }
}

@Suite("URLs of push gateways")
struct GatewayURLTests {
    private static let path = "/_matrix/push/v1/notify"

    @Test(
        "what is taken, taken apart and put together",
        arguments: [
            ("https://push.example\(path)", "https://push.example:443\(path)"),
            ("HTTP://Push.Example:8080\(path)?x=/y", "http://push.example:8080\(path)?x=/y"),
            ("http://[2001:DB8::1]\(path)", "http://[2001:db8::1]:80\(path)"),
            ("https://[::1]:5\(path)", "https://[::1]:5\(path)"), ("http://10.0.0.1\(path)", "http://10.0.0.1:80\(path)"),
        ])
    func taken(text: String, expected: String) {
        #expect(GatewayURL(text)?.description == expected)
    }

    @Test(
        "what is refused",
        arguments: [
            "", "push.example\(path)", "ftp://push.example\(path)", "file://\(path)", "https://push.example",
            "https://push.example/",
            "https://push.example\(path)/", "https://push.example\(path)x", "https://push.example/x\(path)", "https://\(path)",
            "https://user@push.example\(path)", "https://user:password@push.example\(path)", "https://push.example\(path)#x",
            "https://push.example:0\(path)", "https://push.example:65536\(path)", "https://push.example:\(path)",
            "https://push.example:8x\(path)", "https://[::1\(path)", "https://[::1]x\(path)", "https://[push.example]\(path)",
            "https://push example\(path)", "https://p%75sh.example\(path)", "https://pushé.example\(path)",
            "https://a:b:c\(path)",
            "https://push.example\\@evil.example\(path)", "https://push.example/_matrix/push/v1/../v1/notify",
            "https://push.example\(path)?\(String(repeating: "x", count: 2048))", "https://push.example?\(path)",
        ])
    func refused(text: String) {
        #expect(GatewayURL(text) == nil)
    }
}

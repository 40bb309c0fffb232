/// An address to listen on: a host name, an IPv4 or a bracketed IPv6 address, and a port. Port 0 asks the system for a free one.
public struct HostAndPort: Sendable, Hashable, CustomStringConvertible {
    /// Without brackets.
    public let host: String
    public let port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// The address, or nil when the text is not of the form `HOST:PORT`.
    public init?(_ text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let portText = text[text.utf8.index(after: colon)...]
        guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(portText) else { return nil }
        var host = text[..<colon]
        if host.utf8.first == UInt8(ascii: "[") {
            guard host.utf8.last == UInt8(ascii: "]") else { return nil }
            host = host.dropFirst().dropLast()
            guard IPAddress(String(host))?.isIPv4 == false else { return nil }
        } else if host.utf8.contains(UInt8(ascii: ":")) {
            return nil
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    /// With brackets where a URL needs them.
    public var description: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether nobody but this machine reaches it.
    public var isLoopback: Bool { host == "localhost" || IPAddress(host)?.isLoopback == true }

    static let nowhere = HostAndPort(host: "", port: 0)
}

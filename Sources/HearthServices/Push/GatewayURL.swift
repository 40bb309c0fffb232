public import HearthSettings

/// Where a push gateway takes notifications: `http` or `https`, any host and port, and the path that the spec gives it.
///
/// A query may follow the path. User names, passwords and fragments are refused. What the host's addresses are is looked at when something
/// is sent, not here: a name may lead somewhere else by then.
public struct GatewayURL: Sendable, Hashable, CustomStringConvertible {
    public static let path = "/_matrix/push/v1/notify"
    private static let longest = 2048

    public let isSecure: Bool
    /// A name or an IPv4 address in lower case, or an IPv6 address without its brackets.
    public let host: String
    public let port: Int
    /// The path and, after a question mark, the query.
    public let target: String

    public init?(_ text: String) {
        guard text.utf8.count <= Self.longest, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        else { return nil }
        let schemes = [("https://", true), ("http://", false)]
        guard let (scheme, isSecure) = schemes.first(where: { text.lowercased().hasPrefix($0.0) }) else { return nil }
        let rest = text.dropFirst(scheme.count)
        guard let slash = rest.firstIndex(of: "/") else { return nil }
        let target = rest[slash...]
        guard target.hasPrefix(Self.path) else { return nil }
        let query = target.dropFirst(Self.path.count)
        guard query.isEmpty || query.first == "?" else { return nil }
        guard let (host, port) = Self.split(String(rest[..<slash]).lowercased()) else { return nil }
        (self.isSecure, self.host, self.target) = (isSecure, host, String(target))
        self.port = port ?? (isSecure ? 443 : 80)
    }

    private static func split(_ authority: String) -> (host: String, port: Int?)? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let host = String(authority[authority.index(after: authority.startIndex)..<end])
            guard host.contains(":"), IPAddress(host) != nil else { return nil }
            let rest = authority[authority.index(after: end)...]
            if rest.isEmpty { return (host, nil) }
            guard rest.first == ":", let port = port(rest.dropFirst()) else { return nil }
            return (host, port)
        }
        let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let host = String(parts[0])
        guard (1...253).contains(host.utf8.count), host.utf8.allSatisfy(isHostByte) else { return nil }
        guard parts.count == 2 else { return (host, nil) }
        guard let port = port(parts[1]) else { return nil }
        return (host, port)
    }

    private static func port(_ text: Substring) -> Int? {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(text),
            (1...65_535).contains(port)
        else { return nil }
        return port
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// The host as an address, if it is written as one.
    public var address: IPAddress? { IPAddress(host) }

    public var description: String {
        "\(isSecure ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)\(target)"
    }
}

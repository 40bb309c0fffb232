public import HearthSettings
import MatrixModel

/// The address that a request is counted under: the nearest one to us that nobody untrusted could have made up.
public struct ClientAddress: Sendable, Hashable {
    /// As the socket or the trusted proxy named it.
    public let text: String
    private let address: IPAddress?

    private init(text: String, address: IPAddress?) {
        self.text = text
        self.address = address
    }

    /// Finds the client behind a chain of proxies.
    ///
    /// Every proxy appends whom it got the request from, so that only the right-most entries are the trusted proxies' own words:
    /// going from the socket's peer leftwards, the first address that is no trusted proxy is the client. What stands further left
    /// is what the client says of itself. An entry that is no address ends the walk at the proxy that wrote it.
    ///
    /// - Parameters:
    ///   - peer: the address at the other end of the socket.
    ///   - forwardedFor: the values of all `X-Forwarded-For` headers in their order.
    public static func of(peer: String, forwardedFor: [String], trusted: [IPNetwork]) -> ClientAddress {
        var client = ClientAddress(text: peer, address: IPAddress(peer))
        for hop in forwardedFor.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }).reversed() {
            guard let address = client.address, trusted.contains(where: { $0.contains(address) }) else { break }
            let text = withoutPort(hop)
            guard let next = IPAddress(text) else { break }
            client = ClientAddress(text: text, address: next)
        }
        return client
    }

    /// What rate limits count by: an IPv4 address, or the /64 network of an IPv6 address, which is one customer's.
    package var rateLimitKey: String {
        guard let address else { return "other" }
        return address.bytes.prefix(address.isIPv4 ? 16 : 8).map { String($0, radix: 16) }.joined(separator: ".")
    }

    /// What bounds by address count by, as rate limits do; nil for an address that many clients share: a trusted proxy's, and this
    /// machine's own, from which a proxy comes whether it is named or not.
    public func countedAs(sharedBy trusted: [IPNetwork]) -> String? {
        guard let address, !Self.ownAddresses.contains(address), !trusted.contains(where: { $0.contains(address) }) else {
            return nil
        }
        return rateLimitKey
    }

    /// Where a proxy on the same machine comes from. The rest of 127.0.0.0/8 is nobody's by default.
    private static let ownAddresses = ["127.0.0.1", "::1"].compactMap { IPAddress($0) }

    /// `192.0.2.1:4711`, `[2001:db8::1]:4711` and `[2001:db8::1]` without what is not the address.
    private static func withoutPort(_ hop: Substring) -> String {
        var text = hop.utf8.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        while text.last == UInt8(ascii: " ") || text.last == UInt8(ascii: "\t") { text.removeLast() }
        if text.first == UInt8(ascii: "["), let close = text.firstIndex(of: UInt8(ascii: "]")) {
            text = text[text.index(after: text.startIndex)..<close]
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")), text.contains(UInt8(ascii: ".")),
            text.lastIndex(of: UInt8(ascii: ":")) == colon
        {
            text = text[..<colon]
        }
        return String(Substring(text))
    }
}

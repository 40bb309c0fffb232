public import HearthSettings

extension IPAddress {
    /// Whether the address can be a host of the public internet: the one kind of host that a user may make this server connect to.
    ///
    /// Not public are loopback, private, link-local, shared (CGNAT), multicast, unspecified, reserved and documentation addresses
    /// ([IPv4](https://www.iana.org/assignments/iana-ipv4-special-registry), [IPv6](https://www.iana.org/assignments/iana-ipv6-special-registry)),
    /// and all that carry an IPv4 address inside of an IPv6 one, but for the mapped form, which is judged by the IPv4 address.
    public var isPublic: Bool {
        let networks = isIPv4 ? Self.specialIPv4 : Self.specialIPv6
        guard isIPv4 || Self.globalUnicast.contains(self) else { return false }
        return !networks.contains { $0.contains(self) }
    }

    private static let specialIPv4 = networks([
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    ])
    private static let globalUnicast = network("2000::/3")
    /// Of the global unicast addresses: protocol assignments with Teredo, documentation, 6to4.
    private static let specialIPv6 = networks(["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"])

    private static func networks(_ texts: [String]) -> [IPNetwork] { texts.map(network) }

    private static func network(_ text: String) -> IPNetwork {
        guard let network = IPNetwork(text) else { preconditionFailure("\(text) is no network") }
        return network
    }
}

import Foundation
import NIOCore

/// The server under load, as its clients see it, and its processes, whose use of the machine is measured.
struct Homeserver: Sendable {
    let name: String
    let address: SocketAddress
    let host: String
    /// The server and what works for it, such as a database.
    let processes: [Int32]
    /// Whether people can be watched by peeking into their profile rooms.
    let hasPeeking: Bool

    init(name: String, url: String, processes: [Int32], hasPeeking: Bool) throws {
        guard let parts = URLComponents(string: url), let host = parts.host, let port = parts.port else {
            throw BenchError("\(url) is no URL with a host and a port")
        }
        self.name = name
        self.host = "\(host):\(port)"
        self.processes = processes
        self.hasPeeking = hasPeeking
        address = try SocketAddress(ipAddress: host == "localhost" ? "127.0.0.1" : host, port: port)
    }

    /// A connection of its own; the number spreads callers over loopback addresses.
    @BenchActor
    func connect(_ number: Int = 0) throws -> HTTPConnection {
        let source = number == 0 ? nil : try SocketAddress(ipAddress: "127.0.1.\(1 + number / 10_000)", port: 0)
        return HTTPConnection(address: address, host: host, source: source)
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

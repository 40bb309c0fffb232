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
    /// What users put in turn with `online`, so that each PUT is a change: `busy` where the server has it.
    let otherPresence: String

    /// Asks a server that runs what it can do.
    @BenchActor
    static func found(at url: String, name: String, processes: [Int32]) async throws -> Homeserver {
        guard let parts = URLComponents(string: url), let host = parts.host, let port = parts.port else {
            throw BenchError("\(url) is no URL with a host and a port")
        }
        let address = try SocketAddress(ipAddress: host == "localhost" ? "127.0.0.1" : host, port: port)
        let connection = HTTPConnection(address: address, host: "\(host):\(port)")
        let answer = try await connection.request("GET", "/_matrix/client/versions")
        try await connection.close()
        let features = try answer.json()["unstable_features"] as? [String: Bool] ?? [:]
        return Homeserver(
            name: name, address: address, host: "\(host):\(port)", processes: processes,
            hasPeeking: features["org.matrix.msc3032"] == true,
            otherPresence: features["org.matrix.msc3026.busy_presence"] == true ? "org.matrix.msc3026.busy" : "unavailable")
    }

    /// A connection of its own; the number spreads callers over loopback addresses, 2,000 on each, so that ports don't run out.
    @BenchActor
    func connect(_ number: Int) throws -> HTTPConnection {
        let block = number / 2_000
        let source = try SocketAddress(ipAddress: "127.1.\(block / 250 % 250).\(1 + block % 250)", port: 0)
        return HTTPConnection(address: address, host: host, source: source)
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// What the files and sockets that the process may have open are for.
///
/// Pure. A server that takes as many connections as it may open files cannot open its database any more.
public struct FileAllotment: Sendable, Equatable {
    /// For the database, the log, thumbnails, push gateways and the other listeners.
    private static let reserve = 128
    /// Fewer connections are none.
    private static let fewest = 16
    /// What moves more files than this at a time is slowed down by the disk, not by their number; all others are for clients who wait.
    private static let mostContentFiles = 512
    /// What a household behind one address has open at least.
    private static let fewestPerAddress = 16

    /// Connections of clients.
    public let connections: Int
    /// Those of them that one address may have.
    public let connectionsPerAddress: Int
    /// Content that is being taken or sent, one file each beside its connection.
    public let contentFiles: Int

    /// - Parameters:
    ///   - limit: how many files and sockets may be open.
    ///   - connections: as set; 0 takes what the limit allows. Never more than that.
    ///   - perAddress: as set; 0 takes a tenth of the connections.
    public init(limit: Int, connections: Int = 0, perAddress: Int = 0) {
        let rest = max(0, limit - Self.reserve)
        contentFiles = min(max(Self.fewest, rest / 4), Self.mostContentFiles)
        let most = max(Self.fewest, rest - contentFiles)
        self.connections = connections > 0 ? min(connections, most) : most
        connectionsPerAddress = perAddress > 0 ? perAddress : max(Self.fewestPerAddress, self.connections / 10)
    }
}

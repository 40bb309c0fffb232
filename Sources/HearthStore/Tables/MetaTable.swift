public import MatrixModel

/// Single values of the whole server.
public struct MetaTable {
    let db: Database

    private enum Key: String {
        case serverName = "server_name"
        case signingKeySeed = "signing_key_seed"
        case position
        case lastAlive = "last_alive_ts"
        case probe
        case restored
    }

    private func value(_ key: Key) throws -> String? {
        try db.row("SELECT value FROM meta WHERE key = ?", [key.rawValue])?["value"]
    }

    private func set(_ key: Key, to value: String) throws {
        try db.run(
            "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [key.rawValue, value])
    }

    /// Makes the database this server's on first use; refuses another name's later.
    func claim(serverName: ServerName) throws {
        guard let stored = try value(.serverName) else { return try set(.serverName, to: serverName.rawValue) }
        guard stored.hasSameBytes(as: serverName.rawValue) else {
            throw StoreError.otherServerName(stored: stored, given: serverName.rawValue)
        }
    }

    /// Takes some pages and gives them back: fails like any other write while the disk is full. Leaves nothing behind.
    public func probe() throws {
        try set(.probe, to: String(repeating: " ", count: 65_536))
        try db.run("DELETE FROM meta WHERE key = ?", [Key.probe.rawValue])
    }

    /// The last position that a commit used.
    public func position() throws -> StreamPosition {
        StreamPosition(try value(.position).flatMap(Int64.init) ?? 0)
    }

    public func setPosition(_ position: StreamPosition) throws {
        try set(.position, to: String(position.rawValue))
    }

    /// When the server was last known to be alive: its stop, or a minute before its end. Nil until then.
    public func lastAlive() throws -> MatrixTimestamp? {
        try value(.lastAlive).flatMap(Int64.init).map(MatrixTimestamp.init(milliseconds:))
    }

    public func setLastAlive(_ time: MatrixTimestamp) throws { try set(.lastAlive, to: String(time.milliseconds)) }

    /// Notes that the database was made of a backup.
    func setRestored() throws { try set(.restored, to: "1") }

    /// Whether it was made of a backup and not started on since; tells so once.
    public func takeRestored() throws -> Bool {
        guard try value(.restored) != nil else { return false }
        try db.run("DELETE FROM meta WHERE key = ?", [Key.restored.rawValue])
        return true
    }

    /// The hex form of the seed of the server's signing key, and its version; nil before the first start.
    public func signingKey() throws -> (version: String, seedHex: String)? {
        guard let parts = try value(.signingKeySeed)?.split(separator: " "), parts.count == 2 else { return nil }
        return (String(parts[0]), String(parts[1]))
    }

    public func setSigningKey(version: String, seedHex: String) throws {
        try set(.signingKeySeed, to: "\(version) \(seedHex)")
    }
}

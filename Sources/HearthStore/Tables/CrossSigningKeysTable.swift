public import MatrixModel

/// What a cross-signing key is for: [cross-signing](https://spec.matrix.org/v1.16/client-server-api/#cross-signing).
public enum CrossSigningUsage: String, Sendable, CaseIterable {
    case master
    case selfSigning = "self_signing"
    case userSigning = "user_signing"
}

/// One of a user's cross-signing keys.
public struct CrossSigningKey: Sendable, Equatable {
    public let usage: CrossSigningUsage
    /// Unpadded base64.
    public let publicKey: String
    /// The key as it was uploaded, with the signatures that it came with.
    public let json: JSONObject

    public init(usage: CrossSigningUsage, publicKey: String, json: JSONObject) {
        self.usage = usage
        self.publicKey = publicKey
        self.json = json
    }

    /// The id under which the key signs.
    public var keyID: String { Self.keyID(publicKey) }

    /// The id under which a public key signs.
    public static func keyID(_ publicKey: String) -> String { "ed25519:" + publicKey }
}

/// The cross-signing keys of users: one for each usage.
public struct CrossSigningKeysTable {
    let db: Database

    public func keys(of user: UserID) throws -> [CrossSigningUsage: CrossSigningKey] {
        let keys = try db.rows(
            "SELECT user_id, usage, public_key, key FROM cross_signing_keys WHERE user_id = ?", [user.rawValue]
        ) { row in
            let usage: CrossSigningUsage = try row["usage"]
            let json = try StoredJSON.object(row, "key", of: "cross_signing_keys")
            return try CrossSigningKey(usage: usage, publicKey: row["public_key"], json: json)
        }
        return Dictionary(keys.map { ($0.usage, $0) }) { first, _ in first }
    }

    /// The public parts alone, which are there even where a key cannot be read.
    public func publicKeys(of user: UserID) throws -> [CrossSigningUsage: String] {
        let keys = try db.rows("SELECT usage, public_key FROM cross_signing_keys WHERE user_id = ?", [user.rawValue]) { row in
            try (row["usage"] as CrossSigningUsage, row["public_key"] as String)
        }
        return Dictionary(keys) { first, _ in first }
    }

    public func set(_ key: CrossSigningKey, of user: UserID) throws {
        try db.run(
            """
            INSERT INTO cross_signing_keys (user_id, usage, public_key, key) VALUES (?, ?, ?, ?)
            ON CONFLICT (user_id, usage) DO UPDATE SET public_key = excluded.public_key, key = excluded.key
            """, [user.rawValue, key.usage.rawValue, key.publicKey, try StoredJSON.data(key.json)])
    }

    public func delete(_ usage: CrossSigningUsage, of user: UserID) throws {
        try db.run("DELETE FROM cross_signing_keys WHERE user_id = ? AND usage = ?", [user.rawValue, usage.rawValue])
    }
}

public import MatrixModel

/// A signature that was added to a key after the key was uploaded.
public struct KeySignature: Sendable, Equatable {
    /// Whose key is signed.
    public let targetUser: UserID
    /// The signed key: a device's id, or a cross-signing key in unpadded base64.
    public let targetKey: String
    public let signer: UserID
    /// The id of the signing key, such as `ed25519:` and a device's id.
    public let signingKey: String
    /// Unpadded base64.
    public let signature: String

    public init(targetUser: UserID, targetKey: String, signer: UserID, signingKey: String, signature: String) {
        self.targetUser = targetUser
        self.targetKey = targetKey
        self.signer = signer
        self.signingKey = signingKey
        self.signature = signature
    }
}

/// Signatures of keys, beside the keys: so an upload of the same key again takes none of them away.
public struct KeySignaturesTable {
    let db: Database

    /// Stores a signature; returns whether it is new.
    public func set(_ signature: KeySignature, at position: StreamPosition) throws -> Bool {
        try db.checkKey(
            signature.targetUser.rawValue, signature.targetKey, signature.signer.rawValue, signature.signingKey)
        try db.run(
            """
            INSERT INTO key_signatures (target_user, target_key, signer, signing_key, signature, position) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (target_user, target_key, signer, signing_key) DO UPDATE SET
                signature = excluded.signature, position = excluded.position
            WHERE key_signatures.signature <> excluded.signature
            """,
            [
                signature.targetUser.rawValue, signature.targetKey, signature.signer.rawValue, signature.signingKey,
                signature.signature, position.rawValue,
            ])
        return db.changesCount > 0
    }

    /// The signatures of a user's keys that a viewer may see: the user's own, and the viewer's.
    public func signatures(of target: UserID, for viewer: UserID) throws -> [KeySignature] {
        try db.rows(
            "SELECT * FROM key_signatures WHERE target_user = ? AND signer IN (?, ?)",
            [target.rawValue, target.rawValue, viewer.rawValue]
        ) { row in
            let signer: UserID = try row["signer"]
            return try KeySignature(
                targetUser: target, targetKey: row["target_key"], signer: signer, signingKey: row["signing_key"],
                signature: row["signature"])
        }
    }

    /// Who signed whose keys, but for their own, with the position of the newest signature.
    public func foreignSigners() throws -> [(signer: UserID, target: UserID, position: StreamPosition)] {
        try db.rows(
            """
            SELECT signer, target_user, MAX(position) AS last FROM key_signatures WHERE signer <> target_user
            GROUP BY signer, target_user
            """
        ) { row in
            let signer: UserID = try row["signer"]
            let target: UserID = try row["target_user"]
            return try (signer: signer, target: target, position: row["last"])
        }
    }

    /// Deletes what signs a key that is gone.
    public func delete(of target: UserID, key: String) throws {
        try db.run("DELETE FROM key_signatures WHERE target_user = ? AND target_key = ?", [target.rawValue, key])
    }

    /// Deletes what a key that is gone has signed.
    public func delete(by signer: UserID, signingKey: String) throws {
        try db.run("DELETE FROM key_signatures WHERE signer = ? AND signing_key = ?", [signer.rawValue, signingKey])
    }

    /// Deletes every signature of a user's keys, and every one that the user made.
    public func deleteAll(of user: UserID) throws {
        try db.run("DELETE FROM key_signatures WHERE target_user = ?", [user.rawValue])
        try db.run("DELETE FROM key_signatures WHERE signer = ?", [user.rawValue])
    }
}

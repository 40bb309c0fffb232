public import HearthStore
public import MatrixModel

/// What `POST /keys/device_signing/upload` brings, checked as far as it stands alone:
/// [spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysdevice_signingupload).
///
/// Each key has exactly one public key, of its user and for its usage; whether the master key signs the others is checked against
/// the master key that then counts.
public struct CrossSigningUpload: Sendable, Equatable {
    /// The most that one key may have, in bytes of canonical JSON.
    public static let largestKey = 65_536

    public let keys: [CrossSigningUsage: CrossSigningKey]

    public init(parsing json: JSONObject, of user: UserID) throws(KeyError) {
        let body = UploadReader(json, named: "the body")
        var keys: [CrossSigningUsage: CrossSigningKey] = [:]
        for usage in CrossSigningUsage.allCases {
            guard let key = try body.optionalObject("\(usage.rawValue)_key") else { continue }
            keys[usage] = try Self.checked(key, for: usage, of: user)
        }
        self.keys = keys
    }

    private static func checked(
        _ json: JSONObject, for usage: CrossSigningUsage, of user: UserID
    ) throws(KeyError) -> CrossSigningKey {
        var json = json
        json["unsigned"] = nil
        let name = "\(usage.rawValue)_key"
        let key = UploadReader(json, named: name)
        try key.requireCanonical(atMost: largestKey)
        guard try key.string("user_id").hasSameBytes(as: user.rawValue) else {
            throw .invalid("\"user_id\" of \(name) is another user's.")
        }
        guard try key.strings("usage").contains(where: { $0.hasSameBytes(as: usage.rawValue) }) else {
            throw .invalid("\"usage\" of \(name) holds \"\(usage.rawValue)\".")
        }
        let publicKeys = try key.stringMap("keys")
        guard publicKeys.count == 1, let publicKey = publicKeys.first,
            publicKey.key.hasSameBytes(as: "ed25519:\(publicKey.value)"),
            UnpaddedBase64.decode(publicKey.value).map({ UnpaddedBase64.encode($0) == publicKey.value && $0.count == 32 }) == true
        else {
            throw .invalid("\"keys\" of \(name) holds one ed25519 key in unpadded base64, which is its own id.")
        }
        _ = try key.optionalObject("signatures")
        return CrossSigningKey(usage: usage, publicKey: publicKey.value, json: json)
    }

    /// Tells uploads of other keys apart.
    var fingerprint: [UInt8] {
        CrossSigningUsage.allCases.flatMap { Array("\($0.rawValue) \(keys[$0]?.publicKey ?? "") ".utf8) }
    }

    /// Whether there is nothing in here that is not stored already.
    func brings(nothingBeyond stored: [CrossSigningUsage: CrossSigningKey]) -> Bool {
        keys.allSatisfy { usage, key in stored[usage]?.publicKey == key.publicKey }
    }

    /// Refuses a key that the master key has not signed, and a key without a master key.
    func checkSignatures(by user: UserID, stored: [CrossSigningUsage: CrossSigningKey]) throws(KeyError) {
        for usage in [CrossSigningUsage.selfSigning, .userSigning] {
            guard let key = keys[usage] else { continue }
            guard let master = keys[.master] ?? stored[.master] else {
                throw .missing("There is no master key that could have signed the \(usage.rawValue)_key.")
            }
            guard let signature = SignedJSON.signature(in: key.json, by: user, keyID: master.keyID),
                SignedJSON.isGood(signature, over: key.json, publicKey: master.publicKey)
            else { throw .invalidSignature("The \(usage.rawValue)_key is not signed by the master key.") }
        }
    }
}

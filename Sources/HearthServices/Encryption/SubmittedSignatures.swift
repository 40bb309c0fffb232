import HearthStore
public import MatrixModel

/// A key that comes back with new signatures in it.
public struct SubmittedSignatures: Sendable {
    public let user: UserID
    /// A device's id, or a cross-signing key in unpadded base64.
    public let key: String
    public let json: JSONObject

    public init(user: UserID, key: String, json: JSONObject) {
        self.user = user
        self.key = key
        self.json = json
    }
}

/// Why a signature was not taken. The others of the same request may be.
public struct SignatureFailure: Error, Sendable, Equatable {
    public let code: ErrorCode
    public let sentence: String

    static let unknownKey = SignatureFailure(code: .notFound, sentence: "There is no such key that could be signed.")
    static let otherKey = SignatureFailure(code: .invalidParam, sentence: "The key is not the one that is stored.")
    static let noSignature = SignatureFailure(code: .notFound, sentence: "There is no signature in it by a key that may sign it.")
    static let badSignature = SignatureFailure(code: .invalidSignature, sentence: "A signature is not good.")
}

/// The keys that a signature can concern, as the store holds them: input of the pure rules about who may sign what.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keyssignaturesupload): a user's self-signing key signs the
/// user's devices, the devices sign their user's master key, and the user-signing key signs the master keys of others. Nothing else is
/// taken: the server is no notice board.
struct SigningScene: Sendable {
    let signer: UserID
    let ownKeys: [CrossSigningUsage: CrossSigningKey]
    let ownDevices: [(id: DeviceID, keys: JSONObject)]
    /// The master keys of others.
    let masters: [UserID: CrossSigningKey]

    /// The good signatures in a submitted key.
    func signatures(in submitted: SubmittedSignatures) throws(SignatureFailure) -> [KeySignature] {
        guard let target = target(of: submitted) else { throw .unknownKey }
        guard SignedJSON.covered(submitted.json) == SignedJSON.covered(target.json) else { throw .otherKey }
        var signatures: [KeySignature] = []
        for (keyID, publicKey) in target.signers {
            guard let text = SignedJSON.signature(in: submitted.json, by: signer, keyID: keyID) else { continue }
            guard SignedJSON.isGood(text, over: submitted.json, publicKey: publicKey) else { throw .badSignature }
            signatures.append(
                KeySignature(
                    targetUser: submitted.user, targetKey: submitted.key, signer: signer, signingKey: keyID, signature: text))
        }
        guard !signatures.isEmpty else { throw .noSignature }
        return signatures
    }

    /// Whether the key is still the one that was signed.
    func stillHolds(_ signature: KeySignature, signed scene: SigningScene) -> Bool {
        let submitted = SubmittedSignatures(user: signature.targetUser, key: signature.targetKey, json: [:])
        guard let now = target(of: submitted), let then = scene.target(of: submitted) else { return false }
        return SignedJSON.covered(now.json) == SignedJSON.covered(then.json)
            && now.signers.contains { now in then.signers.contains { $0 == now } }
    }

    private struct Target {
        let json: JSONObject
        /// The ids and public keys of the keys that may sign it.
        let signers: [(keyID: String, publicKey: String)]
    }

    private func target(of submitted: SubmittedSignatures) -> Target? {
        if submitted.user != signer {
            guard let master = masters[submitted.user], master.publicKey.hasSameBytes(as: submitted.key),
                let key = ownKeys[.userSigning]
            else { return nil }
            return Target(json: master.json, signers: [(keyID: key.keyID, publicKey: key.publicKey)])
        }
        if let device = ownDevices.first(where: { $0.id.rawValue.hasSameBytes(as: submitted.key) }) {
            return Target(
                json: device.keys, signers: ownKeys[.selfSigning].map { [(keyID: $0.keyID, publicKey: $0.publicKey)] } ?? [])
        }
        guard let master = ownKeys[.master], master.publicKey.hasSameBytes(as: submitted.key) else { return nil }
        return Target(
            json: master.json,
            signers: ownDevices.compactMap { device in
                device.keys.ed25519Key(of: device.id).map { (keyID: "ed25519:\(device.id.rawValue)", publicKey: $0) }
            })
    }
}

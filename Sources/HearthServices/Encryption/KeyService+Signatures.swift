import HearthStore
public import MatrixModel
import SubscriptionCore

extension KeyService {
    /// How many keys one request may sign.
    public static let mostSignedKeys = 1_000
    /// How many signatures one write operation takes: for each the writer reads a key, and others' writes get their turn in between.
    private static let signatureStep = 16

    /// Adds signatures to keys and returns what could not be added; the rest is.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keyssignaturesupload). Signatures are verified before the
    /// writer's turn, which then only makes sure that the keys are still the same.
    public func addSignatures(
        _ submitted: [SubmittedSignatures], by user: UserID
    ) async throws -> [(key: SubmittedSignatures, failure: SignatureFailure)] {
        guard submitted.count <= Self.mostSignedKeys else {
            throw KeyError.tooLarge("One request signs at most \(Self.mostSignedKeys) keys.")
        }
        let others = Set(submitted.map(\.user)).subtracting([user])
        let scene = try await store.read { try Self.scene(of: user, and: others, in: $0) }
        var good: [KeySignature] = []
        var failures: [(key: SubmittedSignatures, failure: SignatureFailure)] = []
        for key in submitted {
            do throws(SignatureFailure) {
                good += try scene.signatures(in: key)
            } catch {
                failures.append((key: key, failure: error))
            }
        }
        for start in stride(from: 0, to: good.count, by: Self.signatureStep) {
            let step = Array(good[start..<min(start + Self.signatureStep, good.count)])
            try await writer.perform { try Self.store(step, verifiedIn: scene, by: user, in: $0) }
        }
        return failures
    }

    /// - Parameter devices: which of the user's devices matter; nil for all.
    private static func scene(
        of user: UserID, and others: Set<UserID>, devices: Set<DeviceID>? = nil, in store: StoreTransaction
    ) throws -> SigningScene {
        let ownDevices: [(id: DeviceID, keys: JSONObject)] =
            if let devices {
                try devices.compactMap { id in
                    try store.deviceKeys.keys(of: DeviceKey(user: user, device: id)).map { (id: id, keys: $0) }
                }
            } else {
                try store.deviceKeys.all(of: user).map { (id: $0.device, keys: $0.keys) }
            }
        var masters: [UserID: CrossSigningKey] = [:]
        for other in others { masters[other] = try store.crossSigningKeys.keys(of: other)[.master] }
        return SigningScene(
            signer: user, ownKeys: try store.crossSigningKeys.keys(of: user),
            ownDevices: ownDevices, masters: masters)
    }

    private static func store(
        _ signatures: [KeySignature], verifiedIn scene: SigningScene, by user: UserID, in context: WriteContext
    ) throws {
        let others = Set(signatures.map(\.targetUser)).subtracting([user])
        // A signature is of a device, or by one.
        let names = signatures.flatMap { [$0.targetKey, String($0.signingKey.dropFirst("ed25519:".utf8.count))] }
        let devices = Set(names.compactMap { DeviceID($0) })
        let now = try Self.scene(of: user, and: others, devices: devices, in: context.transaction)
        let position = context.nextPosition()
        var isOwnSigned = false
        var signedOthers: [UserID] = []
        for signature in signatures where now.stillHolds(signature, signed: scene) {
            guard try context.transaction.keySignatures.set(signature, at: position) else { continue }
            if signature.targetUser == user { isOwnSigned = true } else { signedOthers.append(signature.targetUser) }
        }
        if !signedOthers.isEmpty { context.tell(.keysSigned(of: signedOthers, by: user, at: position)) }
        if isOwnSigned { try context.noteKeysChanged(of: user) }
    }
}

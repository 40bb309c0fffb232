import HearthStore
public import MatrixModel
import SubscriptionCore

extension KeyService {
    /// How many keys one request may sign.
    public static let mostSignedKeys = 1_000

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
        let scene = try await writer.store.read { try Self.scene(of: user, and: others, in: $0) }
        var good: [KeySignature] = []
        var failures: [(key: SubmittedSignatures, failure: SignatureFailure)] = []
        for key in submitted {
            do throws(SignatureFailure) {
                good += try scene.signatures(in: key)
            } catch {
                failures.append((key: key, failure: error))
            }
        }
        if !good.isEmpty {
            try await writer.perform { [good] in try Self.store(good, verifiedIn: scene, others: others, by: user, in: $0) }
        }
        return failures
    }

    private static func scene(of user: UserID, and others: Set<UserID>, in store: StoreTransaction) throws -> SigningScene {
        var masters: [UserID: CrossSigningKey] = [:]
        for other in others { masters[other] = try store.crossSigningKeys.keys(of: other)[.master] }
        return SigningScene(
            signer: user, ownKeys: try store.crossSigningKeys.keys(of: user),
            ownDevices: try store.deviceKeys.all(of: user).map { (id: $0.device, keys: $0.keys) }, masters: masters)
    }

    private static func store(
        _ signatures: [KeySignature], verifiedIn scene: SigningScene, others: Set<UserID>, by user: UserID,
        in context: WriteContext
    ) throws {
        let now = try Self.scene(of: user, and: others, in: context.transaction)
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

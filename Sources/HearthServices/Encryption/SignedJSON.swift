import Crypto
import MatrixModel

/// Signatures in JSON objects: [signing JSON](https://spec.matrix.org/v1.16/appendices/#signing-json).
enum SignedJSON {
    /// What a signature covers: everything but `signatures` and `unsigned`.
    static func covered(_ object: JSONObject) -> JSONObject {
        var covered = object
        covered["signatures"] = nil
        covered["unsigned"] = nil
        return covered
    }

    /// The signature of a user by a key in an object, good or not.
    static func signature(in object: JSONObject, by user: UserID, keyID: String) -> String? {
        object["signatures"]?.objectValue?[user.rawValue]?.objectValue?[keyID]?.stringValue
    }

    /// Whether an ed25519 signature over an object is good; false also for what is no key or no signature.
    static func isGood(_ signature: String, over object: JSONObject, publicKey: String) -> Bool {
        guard let signature = UnpaddedBase64.decode(signature), let key = UnpaddedBase64.decode(publicKey),
            signature.count == 64, key.count == 32
        else { return false }
        do {
            return try Curve25519.Signing.PublicKey(rawRepresentation: key)
                .isValidSignature(signature, for: covered(object).bytes)
        } catch {
            return false
        }
    }

    /// The object with more signatures in it.
    static func adding(_ signatures: [KeySignatureText], to object: JSONObject) -> JSONObject {
        if signatures.isEmpty { return object }
        var all = object["signatures"]?.objectValue ?? [:]
        for signature in signatures {
            var own = all[signature.signer.rawValue]?.objectValue ?? [:]
            own[signature.keyID] = .string(signature.text)
            all[signature.signer.rawValue] = .object(own)
        }
        var signed = object
        signed["signatures"] = .object(all)
        return signed
    }
}

/// One signature as it stands in an object.
struct KeySignatureText: Sendable, Equatable {
    let signer: UserID
    let keyID: String
    let text: String
}

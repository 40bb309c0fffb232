import MatrixModel
import RoomRules

/// An ed25519 key of a user or a device, which really signs.
struct SigningIdentity: Sendable {
    let user: String
    private let key: SigningKey
    private let name: String?

    /// A cross-signing key, whose id is its public key; or a device's, whose id is given.
    init(of user: String, device: String? = nil) throws {
        guard let server = ServerName("localhost") else { preconditionFailure("a server name") }
        self.user = user
        key = try SigningKey.generate(server: server, version: "1")
        name = device
    }

    var publicKey: String { key.publicKeyBase64 }
    var keyID: String { "ed25519:\(name ?? publicKey)" }

    /// The object with this key's signature and no other.
    func sign(_ object: JSONObject) -> JSONObject {
        var covered = object
        covered["signatures"] = nil
        covered["unsigned"] = nil
        var signed = covered
        let signature = JSON.string(Self.base64(key.sign(covered.bytes)))
        signed["signatures"] = .object(JSONObject([(user, .object(JSONObject([(keyID, signature)])))]))
        return signed
    }

    /// The key as a cross-signing key, signed by another.
    func json(usage: String, signedBy signer: SigningIdentity? = nil) -> JSONObject {
        let json: JSONObject = [
            "user_id": .string(user), "usage": [.string(usage)],
            "keys": .object(JSONObject([("ed25519:\(publicKey)", .string(publicKey))])),
        ]
        return signer?.sign(json) ?? json
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0...group.count { text.append(digits[Int(bits >> UInt32(18 - 6 * index) & 0x3F)]) }
        }
        return text
    }
}

/// A user's three cross-signing keys.
struct CrossSigningSet: Sendable {
    let master: SigningIdentity
    let selfSigning: SigningIdentity
    let userSigning: SigningIdentity

    init(of user: String) throws {
        master = try SigningIdentity(of: user)
        selfSigning = try SigningIdentity(of: user)
        userSigning = try SigningIdentity(of: user)
    }

    var upload: JSONObject {
        [
            "master_key": .object(master.json(usage: "master")),
            "self_signing_key": .object(selfSigning.json(usage: "self_signing", signedBy: master)),
            "user_signing_key": .object(userSigning.json(usage: "user_signing", signedBy: master)),
        ]
    }
}

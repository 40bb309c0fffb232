import Crypto
public import MatrixModel

/// What a signature covers, and whether one is good.
enum EventSigning {
    /// The bytes that a signature over a JSON object covers: canonical JSON without `signatures` and `unsigned`.
    static func signedBytes(of object: JSONObject) -> [UInt8] {
        var covered = object
        covered["signatures"] = nil
        covered["unsigned"] = nil
        return covered.bytes
    }

    /// Whether an ed25519 signature is good; false also for a key or a signature of the wrong length.
    static func isValid(signature: [UInt8], over bytes: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == 64, publicKey.count == 32 else { return false }
        do {
            return try Curve25519.Signing.PublicKey(rawRepresentation: publicKey).isValidSignature(signature, for: bytes)
        } catch {
            return false
        }
    }
}

extension SignedEvent {
    /// Whether the event carries a good signature of this server by this key. It covers the redacted event, so that redaction
    /// keeps it good. [Checking for a signature](https://spec.matrix.org/v1.16/appendices/#checking-for-a-signature).
    ///
    /// - Parameters:
    ///   - keyID: such as `ed25519:1`.
    ///   - publicKey: 32 bytes.
    public func isSigned(by server: ServerName, keyID: String, publicKey: [UInt8]) -> Bool {
        guard keyID.utf8.starts(with: "ed25519:".utf8) else { return false }
        guard let signature = signatures(of: server)?[keyID]?.stringValue.flatMap(Base64.decode) else { return false }
        let bytes = EventSigning.signedBytes(of: Redaction.redact(json, version: version))
        return EventSigning.isValid(signature: signature, over: bytes, publicKey: publicKey)
    }

    /// The servers whose good signature the event needs: the sender's, and that of the user who vouches for a restricted join.
    ///
    /// An invite that answers a third-party invite may come from another server than the sender's; the third-party invite's own
    /// signature takes that place. Whoever receives an event checks these signatures before its authorisation, which takes them
    /// as good. [Signing events](https://spec.matrix.org/v1.16/server-server-api/#signing-events).
    public var requiredSigners: [ServerName] {
        var servers = isThirdPartyInviteAnswer ? [] : [sender.server]
        if type == .member, let voucher = content[MemberRules.voucherKey]?.stringValue.flatMap({ UserID($0) }),
            !servers.contains(voucher.server)
        {
            servers.append(voucher.server)
        }
        return servers
    }

    var isThirdPartyInviteAnswer: Bool {
        type == .member && content["membership"] == "invite" && content["third_party_invite"] != nil
    }

    /// Whether the event carries an ed25519 signature of the server, good or not.
    func hasSignature(of server: ServerName) -> Bool {
        signatures(of: server)?.keys.contains { $0.utf8.starts(with: "ed25519:".utf8) } ?? false
    }

    private func signatures(of server: ServerName) -> JSONObject? {
        json["signatures"]?.objectValue?[server.rawValue]?.objectValue
    }
}

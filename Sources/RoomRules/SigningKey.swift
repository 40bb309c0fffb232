import Crypto
public import MatrixModel

/// Why a signing key cannot be made.
public enum SigningKeyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The version, the part of the key id after `ed25519:`, may hold letters, digits and `_` only.
    case malformedVersion(String)
    /// A seed is exactly 32 bytes.
    case wrongSeedLength(Int)

    public var description: String {
        switch self {
        case .malformedVersion(let version):
            "\"\(version)\" is no version of a signing key: use letters, digits and underscores."
        case .wrongSeedLength(let count):
            "The seed of a signing key has 32 bytes, but this one has \(count)."
        }
    }
}

/// A server's ed25519 key, ready to sign: the key object is made once and kept, because making it costs as much as a signature.
///
/// [Signing JSON](https://spec.matrix.org/v1.16/appendices/#signing-json).
public struct SigningKey: Sendable {
    public let server: ServerName
    /// `ed25519:` and the key's version.
    public let keyID: String
    /// 32 bytes.
    public let publicKey: [UInt8]
    private let key: Curve25519.Signing.PrivateKey

    /// - Parameters:
    ///   - version: what comes after `ed25519:` in the key's id.
    ///   - seed: 32 bytes, secret.
    public init(server: ServerName, version: String, seed: [UInt8]) throws(SigningKeyError) {
        guard seed.count == 32 else { throw .wrongSeedLength(seed.count) }
        do {
            try self.init(server: server, version: version, key: Curve25519.Signing.PrivateKey(rawRepresentation: seed))
        } catch let error as SigningKeyError {
            throw error
        } catch {
            throw .wrongSeedLength(seed.count)
        }
    }

    /// A new key from the system's secure random source.
    public static func generate(server: ServerName, version: String) throws(SigningKeyError) -> SigningKey {
        try SigningKey(server: server, version: version, key: Curve25519.Signing.PrivateKey())
    }

    private init(server: ServerName, version: String, key: Curve25519.Signing.PrivateKey) throws(SigningKeyError) {
        guard !version.isEmpty, version.utf8.allSatisfy(Self.isVersionByte) else { throw .malformedVersion(version) }
        self.server = server
        self.keyID = "ed25519:\(version)"
        self.key = key
        self.publicKey = Array(key.publicKey.rawRepresentation)
    }

    /// The 32 secret bytes, to be stored where only the server reads.
    public var seed: [UInt8] { Array(key.rawRepresentation) }

    public var publicKeyBase64: String { Base64.encode(publicKey) }

    /// The signature over these bytes, 64 bytes.
    public func sign(_ bytes: [UInt8]) -> [UInt8] {
        do {
            return Array(try key.signature(for: bytes))
        } catch {
            preconditionFailure("Ed25519 refused to sign with a key that it had accepted: \(error)")
        }
    }

    /// The object with this key's signature added; `signatures` and `unsigned` are not covered.
    public func signing(_ object: JSONObject) -> JSONObject {
        var signatures = object["signatures"]?.objectValue ?? [:]
        var own = signatures[server.rawValue]?.objectValue ?? [:]
        own[keyID] = .string(Base64.encode(sign(EventSigning.signedBytes(of: object))))
        signatures[server.rawValue] = .object(own)
        var signed = object
        signed["signatures"] = .object(signatures)
        return signed
    }

    private static func isVersionByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }
}

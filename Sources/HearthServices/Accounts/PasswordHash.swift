import Crypto
import CryptoExtras
import MatrixModel

/// A password as it is stored: scrypt with a salt of its own, as `$scrypt$ln=15,r=8,p=1$SALT$HASH` in unpadded base64.
///
/// [RFC 7914](https://www.rfc-editor.org/rfc/rfc7914). The text says how it was made, so that a new cost leaves old passwords valid.
struct PasswordHash: Sendable, Equatable {
    /// log2 of N, 1...20: 2^cost KiB of memory.
    let cost: Int
    let salt: [UInt8]
    let hash: [UInt8]

    private static let blockSize = 8
    private static let parallelism = 1
    static let costs = 1...20

    /// Hashes a password of 1 to 512 bytes with a new salt. Slow on purpose.
    static func make(of password: String, cost: Int) throws(AccountError) -> PasswordHash {
        let salt = SecureRandom.bytes(16)
        return PasswordHash(cost: cost, salt: salt, hash: try derive(password, salt: salt, cost: cost, length: 32))
    }

    /// A hash that no password has, for users who do not exist: to check against it takes as long as against a real one.
    static func decoy(cost: Int) -> PasswordHash {
        PasswordHash(cost: cost, salt: SecureRandom.bytes(16), hash: SecureRandom.bytes(32))
    }

    private init(cost: Int, salt: [UInt8], hash: [UInt8]) {
        self.cost = cost
        self.salt = salt
        self.hash = hash
    }

    /// Reads the stored form; nil when it is none.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt" else { return nil }
        let parameters = parts[2].split(separator: ",", omittingEmptySubsequences: false)
        guard parameters.count == 3, parameters[0].hasPrefix("ln="), let cost = Int(parameters[0].dropFirst(3)),
            Self.costs.contains(cost), parameters[1] == "r=\(Self.blockSize)", parameters[2] == "p=\(Self.parallelism)",
            let salt = UnpaddedBase64.decode(parts[3]), let hash = UnpaddedBase64.decode(parts[4]),
            (8...64).contains(salt.count), (16...64).contains(hash.count)
        else { return nil }
        self.init(cost: cost, salt: salt, hash: hash)
    }

    /// The stored form.
    var encoded: String {
        "$scrypt$ln=\(cost),r=\(Self.blockSize),p=\(Self.parallelism)$"
            + "\(UnpaddedBase64.encode(salt))$\(UnpaddedBase64.encode(hash))"
    }

    /// Whether this is the password's hash. Compares in constant time; slow on purpose.
    func matches(_ password: String) throws(AccountError) -> Bool {
        let other = try Self.derive(password, salt: salt, cost: cost, length: hash.count)
        var difference: UInt8 = 0
        for (one, two) in zip(hash, other) { difference |= one ^ two }
        return difference == 0 && hash.count == other.count
    }

    private static func derive(
        _ password: String, salt: [UInt8], cost: Int, length: Int
    ) throws(AccountError) -> [UInt8] {
        // The library reads the first byte of the password without asking whether there is one.
        guard !password.isEmpty, costs.contains(cost) else { throw .hashingFailed }
        do {
            let key = try KDF.Scrypt.deriveKey(
                from: Array(password.utf8), salt: salt, outputByteCount: length, rounds: 1 << cost, blockSize: blockSize,
                parallelism: parallelism)
            return key.withUnsafeBytes { Array($0) }
        } catch {
            throw .hashingFailed
        }
    }
}

/// What a password may be: 1 to 512 bytes.
enum PasswordRules {
    static let longest = 512

    static func check(_ password: String) throws(AccountError) {
        if password.isEmpty { throw .passwordEmpty }
        if password.utf8.count > longest { throw .passwordTooLong }
    }
}

import Crypto
import CryptoExtras
import HearthRuntime
import MatrixModel

/// A password as it is stored: scrypt with a salt of its own, as `$scrypt$ln=15,r=8,p=3$SALT$HASH` in unpadded base64.
///
/// [RFC 7914](https://www.rfc-editor.org/rfc/rfc7914). The text says how it was made, so that a new cost leaves old passwords valid.
struct PasswordHash: Sendable, Equatable {
    let parameters: ScryptParameters
    let salt: [UInt8]
    let hash: [UInt8]

    /// Hashes a password of 1 to 512 bytes with a new salt. Slow on purpose.
    static func make(of password: String, parameters: ScryptParameters) throws(AccountError) -> PasswordHash {
        let salt = SecureRandom.bytes(16)
        return PasswordHash(
            parameters: parameters, salt: salt, hash: try derive(password, salt: salt, parameters: parameters, length: 32))
    }

    /// A hash that no password has, for users who do not exist: to check against it takes as long as against a real one.
    static func decoy(parameters: ScryptParameters) -> PasswordHash {
        PasswordHash(parameters: parameters, salt: SecureRandom.bytes(16), hash: SecureRandom.bytes(32))
    }

    private init(parameters: ScryptParameters, salt: [UInt8], hash: [UInt8]) {
        self.parameters = parameters
        self.salt = salt
        self.hash = hash
    }

    /// Reads the stored form; nil when it is none.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt" else { return nil }
        let numbers = parts[2].split(separator: ",", omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers[0].hasPrefix("ln="), let cost = Int(numbers[0].dropFirst(3)),
            numbers[1] == "r=\(ScryptParameters.blockSize)", numbers[2].hasPrefix("p="),
            let parallelism = Int(numbers[2].dropFirst(2)),
            let parameters = ScryptParameters(cost: cost, parallelism: parallelism),
            let salt = UnpaddedBase64.decode(parts[3]), let hash = UnpaddedBase64.decode(parts[4]),
            (8...64).contains(salt.count), (16...64).contains(hash.count)
        else { return nil }
        self.init(parameters: parameters, salt: salt, hash: hash)
    }

    /// The stored form.
    var encoded: String {
        "$scrypt$ln=\(parameters.cost),r=\(ScryptParameters.blockSize),p=\(parameters.parallelism)$"
            + "\(UnpaddedBase64.encode(salt))$\(UnpaddedBase64.encode(hash))"
    }

    /// Whether this is the password's hash. Compares in constant time; slow on purpose.
    ///
    /// - Parameter standard: what a hash costs now. A wrong password takes as long as it would against a hash that costs that much, so
    ///   that a cheaper one of earlier does not tell that its account exists.
    func matches(_ password: String, asSlowAs standard: ScryptParameters? = nil) throws(AccountError) -> Bool {
        let other = try Self.derive(password, salt: salt, parameters: parameters, length: hash.count)
        var difference: UInt8 = 0
        for (one, two) in zip(hash, other) { difference |= one ^ two }
        if difference == 0, hash.count == other.count { return true }
        for missing in standard.map(parameters.missing) ?? [] {
            _ = try Self.derive(password, salt: salt, parameters: missing, length: hash.count)
        }
        return false
    }

    private static func derive(
        _ password: String, salt: [UInt8], parameters: ScryptParameters, length: Int
    ) throws(AccountError) -> [UInt8] {
        // The library reads the first byte of the password without asking whether there is one.
        guard !password.isEmpty else { throw .hashingFailed }
        do {
            let key = try KDF.Scrypt.deriveKey(
                from: Array(password.utf8), salt: salt, outputByteCount: length, rounds: 1 << parameters.cost,
                blockSize: ScryptParameters.blockSize, parallelism: parameters.parallelism)
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

import HearthRuntime
public import HearthStore
public import MatrixModel
public import RoomRules

/// The server's signing key, made at the first start and kept with the data for ever.
public enum SigningKeyStore {
    public static func loadOrMake(in store: Store, server: ServerName) throws -> SigningKey {
        if let (version, seedHex) = try store.readNow({ try $0.meta.signingKey() }) {
            guard let seed = bytes(hex: seedHex) else { throw StoreError.corrupt("the signing key") }
            return try SigningKey(server: server, version: version, seed: seed)
        }
        let version = "a_" + SecureRandom.letters(4)
        let key = try SigningKey.generate(server: server, version: version)
        try store.writeNow { try $0.meta.setSigningKey(version: version, seedHex: hex(key.seed)) }
        return key
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in String(byte >> 4, radix: 16) + String(byte & 0xF, radix: 16) }.joined()
    }

    private static func bytes(hex: String) -> [UInt8]? {
        let digits = hex.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == hex.utf8.count, digits.count == 64 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

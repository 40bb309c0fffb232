import HearthStore
import RoomRules

extension StoreReader {
    /// The server's signing key; nil before the first start.
    func signingKey() throws -> SigningKey? {
        guard let stored = try readNow({ try $0.meta.signingKey() }) else { return nil }
        let digits = stored.seedHex.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 64, stored.seedHex.utf8.count == 64 else { throw StoreError.corrupt("the signing key") }
        let seed = stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        return try SigningKey(server: serverName(), version: stored.version, seed: seed)
    }
}

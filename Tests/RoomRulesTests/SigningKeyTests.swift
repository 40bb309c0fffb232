import MatrixModel
import Testing

@testable import RoomRules

@Suite("Signing keys")
struct SigningKeyTests {
    private func error(version: String = "1", seed: Int = 32) -> SigningKeyError? {
        do throws(SigningKeyError) {
            _ = try SigningKey(server: TestRoom.server, version: version, seed: Array(repeating: 1, count: seed))
            return nil
        } catch {
            return error
        }
    }

    @Test("a seed has 32 bytes, a version letters, digits and underscores")
    func input() {
        #expect(error() == nil)
        #expect(error(version: "a_Z09") == nil)
        for count in [0, 31, 33, 64] { #expect(error(seed: count) == .wrongSeedLength(count)) }
        for version in ["", "a:b", "é", "a b", "a-b"] { #expect(error(version: version) == .malformedVersion(version)) }
    }

    @Test("a key made from the seed of another signs for it")
    func seed() throws {
        let key = try SigningKey.generate(server: TestRoom.server, version: "a1")
        let again = try SigningKey(server: TestRoom.server, version: "a1", seed: key.seed)
        #expect(again.publicKeyBase64 == key.publicKeyBase64)
        #expect(key.keyID == "ed25519:a1")
        #expect(EventSigning.isValid(signature: again.sign([1, 2, 3]), over: [1, 2, 3], publicKey: key.publicKey))
        #expect(!EventSigning.isValid(signature: again.sign([1, 2, 3]), over: [1, 2, 4], publicKey: key.publicKey))
        #expect(try SigningKey.generate(server: TestRoom.server, version: "a1").seed != key.seed)
    }

    @Test("signatures and keys of the wrong length are bad, not fatal", arguments: [0, 31, 32, 33, 63, 64, 65])
    func lengths(count: Int) {
        let bytes = [UInt8](repeating: 9, count: count)
        #expect(!EventSigning.isValid(signature: bytes, over: [], publicKey: TestRoom.key.publicKey))
        #expect(!EventSigning.isValid(signature: TestRoom.key.sign([]), over: [], publicKey: bytes))
    }
}

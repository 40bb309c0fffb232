import MatrixModel
import Testing

@testable import SubscriptionCore

@Suite("Sync tokens")
struct SyncTokenTests {
    @Test("a token reads back what it wrote", arguments: [0, 1, 9, 10, 4_711, 9_007_199_254_740_993, .max] as [Int64])
    func roundTrip(value: Int64) {
        let token = SyncToken(StreamPosition(value))
        #expect(token.description == "s\(value)")
        #expect(SyncToken(token.description) == token)
    }

    @Test("a token keeps what it knew of typing", arguments: [0, 1, 34, 1_760_000_000_000, .max] as [Int64])
    func ephemeral(value: Int64) {
        let token = SyncToken(StreamPosition(12), ephemeral: EphemeralPosition(value))
        #expect(token.description == "s12_\(value)")
        #expect(SyncToken(token.description) == token)
        #expect(token != SyncToken(StreamPosition(12)))
    }

    @Test("a token keeps how far its messages went, which is before its position")
    func toDevice() {
        let token = SyncToken(StreamPosition(12), toDevice: StreamPosition(7))
        #expect(token.description == "s12d7" && token.delivered == StreamPosition(7))
        #expect(SyncToken(token.description) == token)
        let both = SyncToken(StreamPosition(12), ephemeral: EphemeralPosition(3), toDevice: StreamPosition(0))
        #expect(both.description == "s12_3d0" && SyncToken(both.description) == both)
        #expect(SyncToken(StreamPosition(12)).delivered == StreamPosition(12))
    }

    @Test("a token keeps which fields of profiles were asked for, beside all else", arguments: [0, 7, .max] as [UInt32])
    func profiles(digest: UInt32) {
        let plain = SyncToken(StreamPosition(12), profiles: digest)
        #expect(plain.description == "s12p\(digest)" && SyncToken(plain.description) == plain)
        let all = SyncToken(
            StreamPosition(12), ephemeral: EphemeralPosition(3), toDevice: StreamPosition(7), profiles: digest)
        #expect(all.description == "s12_3d7p\(digest)" && SyncToken(all.description) == all)
    }

    @Test(
        "any other text is no token",
        arguments: [
            "", "s", "5", "S5", "s-1", "s-0", "s+5", "s05", "s00", "s 5", " s5", "s5 ", "s5_", "s5_-1", "s5_01", "s5__1",
            "s5_1_2", "s5p", "s5p-1", "s5p01", "s5p1p1", "s5p1d1", "s5p4294967296", "sp1", "s5p1_1", "s5d", "s5d5", "s5d6",
            "s5d-1", "s5d01", "s5d1d1", "s5d1_1", "sd1", "s5_d1", "s_1", "s5_x", "s5.0", "s0x5",
            "ss5", "s\u{0}",
            "s٥",
            "s\u{301}5", "s5\u{301}", "s9223372036854775808", "s99999999999999999999999999", "🏃", "t5",
        ])
    func refused(text: String) {
        #expect(SyncToken(text) == nil)
    }
}

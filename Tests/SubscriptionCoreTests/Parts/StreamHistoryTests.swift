import MatrixModel
import Testing

@testable import SubscriptionCore

/// The table of which tokens are of the history that a database knows.
@Suite("Epochs of the stream")
struct StreamHistoryTests {
    private static func chapter(_ name: String, after position: Int64) -> StreamHistory.Chapter {
        StreamHistory.Chapter(epoch: StreamEpoch(name.utf8) ?? .unnamed, beginsAfter: StreamPosition(position))
    }

    /// Positions up to 100 are from before there were epochs, then three starts: at 100, at 140, and at 140 once more.
    private static func history(isWhole: Bool = true) -> StreamHistory {
        StreamHistory(
            chapters: [chapter("aaaaaaaa", after: 100), chapter("BBBBBBBB", after: 140)], isWhole: isWhole,
            present: chapter("cCcCcCcC", after: 140))
    }

    @Test(
        "a token is known up to the end of its epoch, and each one that is known is written as it came",
        arguments: [
            ("s0", true), ("s100", true), ("s101", false), ("s100_7d3", true),
            ("s0.aaaaaaaa", true), ("s140.aaaaaaaa", true), ("s141.aaaaaaaa", false), ("s50_9d40.aaaaaaaa", true),
            ("s140.BBBBBBBB", true), ("s141.BBBBBBBB", false),
            ("s0.cCcCcCcC", true), ("s150_1.cCcCcCcC", true), ("s151.cCcCcCcC", false),
            ("s0.dddddddd", false), ("s140.bbbbbbbb", false), ("s100.cccccccc", false),
        ])
    func known(text: String, isKnown: Bool) throws {
        let history = Self.history()
        let token = try #require(ClientToken(text))
        let point = history.point(of: token, reach: StreamPosition(150))
        #expect((point != nil) == isKnown)
        if let point { #expect(history.token(of: point).description == text) }
    }

    @Test("points that the server makes are written with the present epoch")
    func written() {
        let point = SyncToken(StreamPosition(12), ephemeral: EphemeralPosition(3), toDevice: StreamPosition(4))
        #expect(Self.history().token(of: point).description == "s12_3d4.cCcCcCcC")
    }

    @Test("a database that remembers not all of its epochs knows no token from before them")
    func forgotten() throws {
        let history = Self.history(isWhole: false)
        #expect(history.point(of: try #require(ClientToken("s1")), reach: StreamPosition(150)) == nil)
        #expect(history.point(of: try #require(ClientToken("s1.aaaaaaaa")), reach: StreamPosition(150)) != nil)
    }

    @Test("the first epoch of a database knows what was before it")
    func first() throws {
        let history = StreamHistory(chapters: [], isWhole: true, present: Self.chapter("aaaaaaaa", after: 100))
        #expect(history.point(of: try #require(ClientToken("s100")), reach: StreamPosition(120))?.position == StreamPosition(100))
        #expect(history.point(of: try #require(ClientToken("s101")), reach: StreamPosition(120)) == nil)
    }

    @Test(
        "no other text is a token",
        arguments: [
            "", ".", "s1.", "s1.abc", "s1.abcdefghi", "s1.abcdefg1", "s1.abcdefg.", "s1..abcdefgh", ".abcdefgh", "s.abcdefgh",
            "s01.abcdefgh", "s1.abcdefgh.abcdefgh", "s1 .abcdefgh", "s1.abcdefg\u{301}", "s1.abcdefg@", "s1.abcdefg[",
            "s1.abcdefg`", "s1.abcdefgh ", "abcdefgh", "s-1.abcdefgh", "s5d5.abcdefgh",
        ])
    func noToken(text: String) { #expect(ClientToken(text) == nil) }

    @Test("a name reads back what it wrote, and case counts")
    func names() {
        for name in ["abcdefgh", "ABCDEFGH", "zZaAyYbB"] { #expect(StreamEpoch(name.utf8)?.description == name) }
        #expect(StreamEpoch("abcdefgh".utf8) != StreamEpoch("abcdefgH".utf8))
        #expect(StreamEpoch("".utf8) == nil && StreamEpoch.unnamed.description == "")
    }
}

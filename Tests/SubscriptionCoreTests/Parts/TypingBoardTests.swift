import MatrixModel
import Testing

@testable import SubscriptionCore

@Suite("Who is typing")
struct TypingBoardTests {
    private static let (alice, bob) = (Names.alice, Names.bob)
    private static let (den, attic) = (Names.room("den"), Names.room("attic"))

    private static func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    @Test("the list comes in the order in which users began, and only when it changed")
    func order() {
        var board = TypingBoard()
        #expect(board.typed(Names.bobs, in: Self.den, for: .seconds(10), now: Self.at(0)) == [Self.bob])
        #expect(board.typed(Names.phone, in: Self.den, for: .seconds(10), now: Self.at(1)) == [Self.bob, Self.alice])
        #expect(board.typed(Names.bobs, in: Self.den, for: .seconds(10), now: Self.at(2)) == nil)
        #expect(board.users(in: Self.attic) == [])
        #expect(board.stopped(Self.bob, in: Self.den) == [Self.alice])
        #expect(board.stopped(Self.bob, in: Self.den) == nil)
        #expect(board.stopped(Self.alice, in: Self.den) == [])
    }

    @Test("who says no more stops after the last timeout, and not before")
    func expiry() {
        var board = TypingBoard()
        _ = board.typed(Names.phone, in: Self.den, for: .seconds(10), now: Self.at(0))
        _ = board.typed(Names.phone, in: Self.den, for: .seconds(10), now: Self.at(5))
        _ = board.typed(Names.bobs, in: Self.attic, for: .seconds(20), now: Self.at(0))
        #expect(board.takeExpired(by: Self.at(10)).isEmpty)
        #expect(board.takeExpired(by: Self.at(15)) == [Self.den: []])
        #expect(board.nextDeadline == Self.at(20))
        #expect(board.takeExpired(by: Self.at(20)) == [Self.attic: []])
        #expect(board.nextDeadline == nil)
    }

    @Test("a shorter timeout counts from when it was said")
    func shorter() {
        var board = TypingBoard()
        _ = board.typed(Names.phone, in: Self.den, for: .seconds(20), now: Self.at(0))
        _ = board.typed(Names.phone, in: Self.den, for: .seconds(2), now: Self.at(1))
        #expect(board.takeExpired(by: Self.at(3)) == [Self.den: []])
        #expect(board.takeExpired(by: Self.at(20)).isEmpty)
    }

    @Test("nobody types for longer than half a minute, or for no time")
    func bounds() {
        var board = TypingBoard()
        _ = board.typed(Names.phone, in: Self.den, for: .seconds(3600), now: Self.at(0))
        #expect(board.nextDeadline == Self.at(30))
        #expect(board.typed(Names.phone, in: Self.den, for: .zero, now: Self.at(1)) == [])
        #expect(board.typed(Names.bobs, in: Self.den, for: .zero, now: Self.at(1)) == nil)
    }

    @Test("what a device said ends with its log-out, and what the user's other device said since does not")
    func loggedOut() {
        var board = TypingBoard()
        for room in [Self.den, Self.attic] { _ = board.typed(Names.phone, in: room, for: .seconds(10), now: Self.at(0)) }
        _ = board.typed(Names.bobs, in: Self.den, for: .seconds(10), now: Self.at(0))
        _ = board.typed(Names.laptop, in: Self.attic, for: .seconds(10), now: Self.at(1))
        #expect(board.loggedOut(Names.phone) == [Self.den: [Self.bob]])
        #expect(board.users(in: Self.attic) == [Self.alice])
        #expect(board.loggedOut(Names.laptop) == [Self.attic: []])
    }
}

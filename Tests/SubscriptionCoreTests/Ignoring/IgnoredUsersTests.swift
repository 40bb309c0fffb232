import MatrixModel
import Testing

@testable import SubscriptionCore

@Suite("Whom a user ignores")
struct IgnoredUsersTests {
    private static func list(_ users: UserID...) -> Set<UserID> { Set(users) }
    private static func at(_ position: Int64) -> StreamPosition { StreamPosition(position) }

    @Test(
        "a value of the wrong shape ignores nobody, entry by entry, and nobody ignores themselves",
        arguments: [
            ("{}", []), (#"{"ignored_users":{}}"#, []), (#"{"ignored_users":null}"#, []),
            (#"{"ignored_users":"@bob:alpha.test"}"#, []),
            (#"{"ignored_users":["@bob:alpha.test"]}"#, []), (#"{"ignored_users":7}"#, []),
            (#"{"@bob:alpha.test":{}}"#, []), (#"{"ignored_users":{"@bob:alpha.test":{}}}"#, ["bob"]),
            (#"{"ignored_users":{"@bob:alpha.test":{"since":"today","n":1}}}"#, ["bob"]),
            (#"{"ignored_users":{"@bob:alpha.test":true,"@carol:alpha.test":{},"@dave:alpha.test":null}}"#, ["carol"]),
            (#"{"ignored_users":{"bob":{},"@:":{},"":{},"@carol:alpha.test":[],"@dave:alpha.test":{}}}"#, ["dave"]),
            (#"{"ignored_users":{"@alice:alpha.test":{},"@bob:alpha.test":{}}}"#, ["bob"]),
        ] as [(String, [String])])
    func shapes(content: String, ignored: [String]) throws {
        let json = try #require(try JSON(parsing: Array(content.utf8)).objectValue)
        #expect(IgnoredUsers.users(in: json, of: Names.alice) == Set(ignored.map(Names.user)))
    }

    @Test("whoever is ignored is hidden whenever it was; whoever is no longer, up to the end; whoever is again, altogether")
    func periods() {
        let ignoring = IgnoredUsers.nobody.changed(to: Self.list(Names.bob, Names.carol), at: Self.at(10))
        #expect(ignoring.hides(Names.bob, at: Self.at(5)) && ignoring.hides(Names.bob, at: Self.at(15)))
        #expect(!ignoring.hides(Names.dave, at: Self.at(15)))
        let ended = ignoring.changed(to: Self.list(Names.carol), at: Self.at(20))
        #expect(ended.hides(Names.bob, at: Self.at(20)) && !ended.hides(Names.bob, at: Self.at(21)))
        #expect(ended.hides(Names.carol, at: Self.at(21)))
        #expect(!ended.now.hides(Names.bob, at: Self.at(15)) && ended.now.hides(Names.carol, at: Self.at(15)))
        let again = ended.changed(to: Self.list(Names.bob), at: Self.at(30))
        #expect(again.hides(Names.bob, at: Self.at(25)) && again.endings == [Names.carol: Self.at(30)])
        #expect(again.changed(to: [], at: Self.at(40)).endings == [Names.bob: Self.at(40), Names.carol: Self.at(30)])
    }

    @Test("of many endings the newest are remembered")
    func endings() {
        var ignored = IgnoredUsers.nobody
        for number in 0..<(IgnoredUsers.mostEndings + 10) {
            ignored = ignored.changed(to: [Names.user("u\(number)")], at: Self.at(Int64(number) + 1))
        }
        ignored = ignored.changed(to: [], at: Self.at(10_000))
        #expect(ignored.endings.count == IgnoredUsers.mostEndings)
        #expect(!ignored.hides(Names.user("u9"), at: Self.at(1)) && ignored.hides(Names.user("u10"), at: Self.at(1)))
        let all = IgnoredUsers.nobody.changed(to: Set((0..<400).map { Names.user("u\($0)") }), at: Self.at(1))
        #expect(all.changed(to: [], at: Self.at(2)).endings.count == IgnoredUsers.mostEndings)
    }

    @Test("state is never hidden")
    func state() {
        let ignored = IgnoredUsers.nobody.changed(to: [Names.bob], at: Self.at(1))
        #expect(ignored.hides(makeEvent(.message, sender: Names.bob, at: Self.at(2))))
        #expect(!ignored.hides(makeEvent(.name, key: "", sender: Names.bob, at: Self.at(2))))
        var filter = EventFilter()
        filter.ignored = ignored
        #expect(!filter.isOpen && !filter.includes(makeEvent(.message, sender: Names.bob, at: Self.at(2))))
        #expect(filter.includes(makeEvent(.name, key: "", sender: Names.bob, at: Self.at(2))))
    }

    @Test("moves of typing are told from those of ignored users, and where nobody remembers they count")
    func typingMoves() {
        var moves = TypingMoves()
        func position(_ value: Int64) -> EphemeralPosition { EphemeralPosition(value) }
        moves.note([Names.bob], at: position(10))
        moves.note([Names.carol], at: position(11))
        #expect(moves.hasMove(after: position(9), besides: [Names.bob]) && !moves.hasMove(after: position(11), besides: []))
        #expect(!moves.hasMove(after: position(9), besides: [Names.bob, Names.carol]))
        for value in 12...60 { moves.note([Names.bob], at: position(Int64(value))) }
        #expect(moves.hasMove(after: position(11), besides: [Names.bob]))
        #expect(!moves.hasMove(after: position(58), besides: [Names.bob]))
    }
}

import MatrixModel
import SubscriptionCore
import Testing

/// Two engines on one stream: one lives on, the other is restored from what is stored.
private struct Restart {
    var lived = Scene()
    var restored = Scene()
    private var facts = StoredFacts()

    mutating func commit(_ write: (inout CommitWriter) -> Void) {
        var writer = CommitWriter(after: lived.engine.position)
        write(&writer)
        facts.take(writer.commit)
        _ = lived.engine.apply(writer.commit)
        if restored.engine.position > .zero { _ = restored.engine.apply(writer.commit) }
    }

    mutating func restart() { restored.engine = facts.engine() }

    /// Whether both engines tell the device the same from every position; what memory has lost is read from the store.
    func expectSame(_ device: DeviceKey, from first: Int64 = 0, _ location: SourceLocation = #_sourceLocation) {
        for since in [nil] + (first...lived.position).map(Optional.some) {
            var mine = lived.plan(device, since: since, legacy: true)
            let theirs = restored.plan(device, since: since, legacy: true)
            for (room, plan) in theirs?.joined ?? [:] where plan.content == .stored { mine?.joined[room]?.content = .stored }
            for (room, plan) in theirs?.peeked ?? [:] where plan.content == .stored { mine?.peeked[room]?.content = .stored }
            #expect(mine != nil && mine == theirs, "since \(since as Any)", sourceLocation: location)
        }
    }
}

@Suite("After a restart everything goes on as it was")
struct RestartTests {
    @Test("rooms, invitations, departures and account data")
    func rooms() {
        var restart = Restart()
        restart.commit { $0.room(by: Names.bob) }
        restart.commit { $0.member(.join, Names.alice) }
        restart.commit { $0.room(Names.hall, by: Names.bob) }
        restart.commit { $0.member(.invite, Names.alice, in: Names.hall, by: Names.bob) }
        restart.commit { $0.accountData(of: Names.alice) }
        restart.commit { $0.member(.join, Names.carol) }
        restart.commit { $0.member(.invite, Names.dave, by: Names.bob) }
        restart.commit { $0.message(by: Names.bob) }
        restart.commit { $0.member(.leave, Names.carol) }
        restart.commit { $0.member(.leave, Names.dave) }
        restart.restart()
        for device in [Names.phone, Names.bobs, Names.daves] { restart.expectSame(device) }
        restart.expectSame(Names.carols, from: 10)
        restart.commit { $0.message(by: Names.bob) }
        restart.commit { $0.member(.join, Names.alice, in: Names.hall) }
        restart.commit { $0.tell(.roomForgotten(Names.den, by: Names.dave)) }
        for device in [Names.phone, Names.bobs, Names.daves] { restart.expectSame(device) }
        restart.expectSame(Names.carols, from: 10)
    }

    @Test("a forgotten room stays forgotten")
    func forgotten() {
        var restart = Restart()
        restart.commit { $0.room(by: Names.bob) }
        restart.commit { $0.member(.join, Names.alice) }
        restart.commit { $0.member(.leave, Names.alice) }
        restart.commit { $0.tell(.roomForgotten(Names.den, by: Names.alice)) }
        restart.restart()
        #expect(restart.restored.plan(Names.phone, since: 4) == ShownPlan())
        restart.expectSame(Names.phone)
    }

    @Test("a departure from before the start is told after it")
    func departureAfterRestart() {
        var restart = Restart()
        restart.commit { $0.room(by: Names.bob) }
        restart.commit { $0.member(.join, Names.alice) }
        restart.commit { $0.member(.leave, Names.alice) }
        restart.restart()
        let departure = ShownDeparture(end: 5)
        #expect(restart.restored.plan(Names.phone, since: 3) == .of { $0.left = [Names.den: departure] })
        restart.expectSame(Names.phone)
    }

    @Test("what came before the start is read from the store, what came after is in memory")
    func memory() {
        var restart = Restart()
        restart.commit { $0.room(by: Names.bob) }
        restart.commit { $0.message(by: Names.bob) }
        restart.restart()
        #expect(restart.restored.plan(Names.bobs, since: 3) == .of { $0.joined = [Names.den: .stored] })
        #expect(restart.restored.plan(Names.bobs, since: 4) == ShownPlan())
        restart.commit { $0.message(by: Names.bob) }
        #expect(restart.restored.plan(Names.bobs, since: 3) == .of { $0.joined = [Names.den: .stored] })
        #expect(restart.restored.plan(Names.bobs, since: 4) == .of { $0.joined = [Names.den: .events(5)] })
    }

    @Test("unread messages")
    func unread() {
        var restart = Restart()
        restart.commit { $0.room(by: Names.bob) }
        restart.commit { $0.member(.join, Names.alice) }
        for _ in 0..<3 { restart.commit { $0.message(by: Names.bob) } }
        restart.commit { $0.message(by: Names.alice) }
        restart.commit { $0.message(by: Names.bob) }
        restart.restart()
        #expect(restart.restored.engine.unread(for: Names.alice, in: Names.den).notifications == 1)
        #expect(restart.restored.engine.unread(for: Names.bob, in: Names.den).notifications == 0)
        restart.commit { $0.message(by: Names.bob) }
        restart.expectSame(Names.phone)
        restart.expectSame(Names.bobs)
    }

    @Test("legacy presence: the own, that of contacts, that of who joined later")
    func legacy() {
        var restart = Restart()
        restart.commit { $0.room(by: Names.bob) }
        restart.commit { $0.presence("online", of: Names.bob) }
        restart.commit { $0.presence("online", of: Names.carol) }
        restart.commit { $0.member(.join, Names.alice) }
        restart.commit { $0.presence("online", of: Names.alice) }
        restart.commit { $0.member(.join, Names.carol) }
        restart.commit { $0.member(.join, Names.dave) }
        restart.restart()
        for device in [Names.phone, Names.bobs, Names.carols, Names.daves] { restart.expectSame(device) }
        restart.commit { $0.presence("busy", of: Names.bob) }
        restart.commit { $0.status("out", of: Names.dave) }
        restart.commit { $0.member(.leave, Names.carol) }
        for device in [Names.phone, Names.bobs, Names.carols, Names.daves] { restart.expectSame(device) }
    }

    @Test("live peeks go on, with their lanes and their times")
    func peeks() {
        var restart = Restart()
        let profile = Names.profile(Names.bob)
        restart.commit { $0.room(by: Names.bob) }
        restart.commit { $0.profileRoom(of: Names.bob) }
        restart.commit { $0.presence("online", of: Names.bob) }
        restart.commit { $0.peek(Names.phone, profile, expires: 10) }
        restart.commit { $0.peek(Names.phone, Names.den, expires: 20) }
        restart.commit { $0.peek(Names.laptop, profile, expires: 30) }
        restart.commit { $0.tell(.peekRenewed(Names.phone, profile, expires: Names.time(25))) }
        restart.commit { $0.profile(of: Names.bob) }
        restart.commit { $0.status("out", of: Names.bob) }
        restart.restart()
        for device in [Names.phone, Names.laptop] { restart.expectSame(device) }
        #expect(restart.restored.engine.nextPeekExpiry == Names.time(20))
        #expect(restart.restored.engine.takeExpiredPeeks(by: Names.time(24)).map(\.room) == [Names.den])
        #expect(restart.restored.engine.takeExpiredPeeks(by: Names.time(25)).map(\.device) == [Names.phone])
        restart.commit { $0.profile(of: Names.bob) }
        restart.commit { $0.presence("busy", of: Names.bob) }
        restart.commit { $0.endPeek(Names.phone, Names.den, .expired) }
        for device in [Names.phone, Names.laptop] { restart.expectSame(device) }
        let waiter = restart.restored.wait(Names.laptop)
        #expect(restart.restored.commit { $0.profile(of: Names.bob) } == [waiter])
    }

    @Test("peeks that ended in another order than they started are told as before")
    func endedPeeks() {
        var restart = Restart()
        restart.commit { $0.room(by: Names.bob) }
        restart.commit { $0.room(Names.hall, by: Names.bob) }
        restart.commit { $0.peek(Names.phone, Names.den) }
        restart.commit { $0.peek(Names.phone, Names.hall) }
        restart.commit { $0.endPeek(Names.phone, Names.hall) }
        restart.commit { $0.endPeek(Names.phone, Names.den) }
        restart.restart()
        #expect(restart.restored.plan(Names.phone, since: 9) == .of { $0.endedPeeks = [Names.den] })
        restart.expectSame(Names.phone)
        restart.commit { $0.peek(Names.phone, Names.hall) }
        restart.restart()
        restart.expectSame(Names.phone)
    }

    @Test("a join that ended a peek is remembered")
    func joinedWhilePeeking() {
        var restart = Restart()
        restart.commit { $0.room(by: Names.bob) }
        restart.commit { $0.peek(Names.phone, Names.den) }
        restart.commit { $0.join(Names.alice, endingPeeksOf: [Names.phone]) }
        restart.restart()
        #expect(restart.restored.plan(Names.phone, since: 4) == .of { $0.joined = [Names.den: .stored] })
        restart.expectSame(Names.phone)
        restart.expectSame(Names.laptop)
    }

    @Test("the order in which peeks are restored does not matter")
    func anyOrder() {
        let rows: [(started: Int64, ended: Int64?)] = [(4, 5), (6, 7), (8, nil)]
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
            var scene = Scene()
            scene.engine.restore(position: StreamPosition(9))
            for row in order.map({ rows[$0] }) {
                let peek = Peek(
                    device: Names.phone, room: Names.den, started: StreamPosition(row.started), expires: Names.time(row.started),
                    laneSince: nil)
                scene.engine.restorePeek(
                    peek, ended: row.ended.map { StreamPosition($0) }, reason: row.ended.map { _ in .unpeeked })
            }
            #expect(scene.engine.livePeeks(of: Names.phone).map(\.started) == [StreamPosition(8)])
            #expect(scene.plan(Names.phone, since: 4) == .of { $0.peeked = [Names.den: .whole] })
            scene.commit { $0.endPeek(Names.phone, Names.den) }
            for (since, isTold) in [(3, false), (4, true), (5, false), (6, true), (7, false), (8, true), (9, true), (10, false)] {
                #expect(
                    scene.plan(Names.phone, since: Int64(since))?.endedPeeks == (isTold ? [Names.den] : []), "\(order), \(since)")
            }
        }
    }
}

import MatrixModel
import Testing

@testable import SubscriptionCore

@Suite("Peeks whose time is over")
struct PeekExpiriesTests {
    private static let key = Names.phone

    /// An engine in which Alice's phone peeks into rooms until the given times.
    private static func scene(_ peeks: [(RoomID, Int64)]) -> Scene {
        var scene = Scene()
        for (room, expires) in peeks { scene.commit { $0.peek(key, room, expires: expires) } }
        return scene
    }

    private static func expired(_ scene: inout Scene, by time: Int64) -> [RoomID] {
        scene.engine.takeExpiredPeeks(by: Names.time(time)).map(\.room)
    }

    @Test("peeks are over at their time, soonest first, each told once")
    func inOrder() {
        var scene = Self.scene([(Names.den, 30), (Names.hall, 10)])
        #expect(scene.engine.nextPeekExpiry == Names.time(10))
        #expect(Self.expired(&scene, by: 9) == [])
        #expect(Self.expired(&scene, by: 10) == [Names.hall])
        #expect(scene.engine.nextPeekExpiry == Names.time(30))
        #expect(Self.expired(&scene, by: 100) == [Names.den])
        #expect(Self.expired(&scene, by: 100) == [])
        #expect(scene.engine.nextPeekExpiry == nil)
    }

    @Test("a renewed peek is over at its new time, and told once even when both times have passed")
    func renewed() {
        var scene = Self.scene([(Names.den, 10)])
        scene.commit { $0.tell(.peekRenewed(Self.key, Names.den, expires: Names.time(20))) }
        #expect(Self.expired(&scene, by: 19) == [])
        #expect(Self.expired(&scene, by: 20) == [Names.den])
        scene = Self.scene([(Names.den, 10)])
        scene.commit { $0.tell(.peekRenewed(Self.key, Names.den, expires: Names.time(20))) }
        #expect(Self.expired(&scene, by: 50) == [Names.den])
    }

    @Test("a renewal after a jump back of the clock makes the peek end sooner")
    func renewedToEarlier() {
        var scene = Self.scene([(Names.den, 100)])
        scene.commit { $0.tell(.peekRenewed(Self.key, Names.den, expires: Names.time(40))) }
        #expect(scene.engine.nextPeekExpiry == Names.time(40))
        #expect(Self.expired(&scene, by: 40) == [Names.den])
    }

    @Test("an ended peek is over already, a renewal does not bring it back")
    func ended() {
        var scene = Self.scene([(Names.den, 10)])
        scene.commit { $0.endPeek(Self.key, Names.den) }
        scene.commit { $0.tell(.peekRenewed(Self.key, Names.den, expires: Names.time(20))) }
        #expect(Self.expired(&scene, by: 50) == [])
        #expect(scene.engine.livePeek(of: Self.key, in: Names.den) == nil)
    }

    @Test("a peek that was ended and started again lives as long as the second one")
    func restarted() {
        var scene = Self.scene([(Names.den, 10)])
        scene.commit { $0.endPeek(Self.key, Names.den) }
        scene.commit { $0.peek(Self.key, Names.den, expires: 30) }
        #expect(Self.expired(&scene, by: 29) == [])
        #expect(Self.expired(&scene, by: 30) == [Names.den])
    }

    @Test("the peeks of a deleted device are never over")
    func deletedDevice() {
        var scene = Self.scene([(Names.den, 10)])
        scene.commit { $0.tell(.deviceDeleted(Self.key)) }
        #expect(Self.expired(&scene, by: 10) == [])
    }

    @Test("a peek that could not be ended is due again")
    func putBack() {
        var scene = Self.scene([(Names.den, 10)])
        for peek in scene.engine.takeExpiredPeeks(by: Names.time(10)) { scene.engine.putBack(peek, until: Names.time(15)) }
        #expect(scene.engine.livePeek(of: Self.key, in: Names.den)?.expires == Names.time(10))
        #expect(Self.expired(&scene, by: 14) == [])
        #expect(Self.expired(&scene, by: 15) == [Names.den])
    }

    @Test("twenty thousand renewals leave no more behind than a few, and every peek is over at its last time")
    func manyRenewals() {
        var scene = Self.scene([(Names.den, 10), (Names.hall, 5)])
        for peek in scene.engine.takeExpiredPeeks(by: Names.time(5)) { scene.engine.putBack(peek, until: Names.time(40)) }
        for number in 0..<20_000 {
            scene.commit { $0.tell(.peekRenewed(Self.key, Names.den, expires: Names.time(1_000 + Int64(number)))) }
        }
        #expect(scene.engine.expiries.count <= ExpiryHeap<Int>.fewest)
        #expect(Self.expired(&scene, by: 39) == [])
        #expect(Self.expired(&scene, by: 40) == [Names.hall])
        #expect(Self.expired(&scene, by: 20_998) == [])
        #expect(Self.expired(&scene, by: 20_999) == [Names.den])
    }

    @Test("thousands that are over at once are handed out some at a time, each once, and none is lost")
    func atOnce() {
        var scene = Scene()
        let rooms = (0..<3_000).map { Names.room("room\($0)") }
        scene.commit { for room in rooms { $0.peek(Self.key, room, expires: 10) } }
        scene.commit { for room in rooms.prefix(500) { $0.tell(.peekRenewed(Self.key, room, expires: Names.time(11))) } }
        var ended: [RoomID] = []
        while true {
            let next = Self.expired(&scene, by: 20)
            #expect(next.count <= PeekExpiries.mostAtOnce)
            if next.isEmpty { break }
            ended += next
            scene.commit { for room in next { $0.endPeek(Self.key, room, .expired) } }
        }
        #expect(ended.count == rooms.count && Set(ended) == Set(rooms))
    }

    @Test("of each user the devices that peek are known, and none that has stopped")
    func peekingDevices() {
        var scene = Self.scene([(Names.den, 10), (Names.hall, 10)])
        scene.commit { $0.peek(Names.laptop, Names.den) }
        scene.commit { $0.peek(Names.bobs, Names.den) }
        #expect(scene.engine.peekingDevices == [Names.alice: [Names.phone, Names.laptop], Names.bob: [Names.bobs]])
        scene.commit { $0.endPeek(Names.phone, Names.hall) }
        scene.commit { $0.tell(.deviceDeleted(Names.laptop)) }
        #expect(scene.engine.peekingDevices == [Names.alice: [Names.phone], Names.bob: [Names.bobs]])
        scene.commit { $0.tell(.peeksEnded(in: Names.den, at: $0.nextPosition(), reason: .notAllowed)) }
        #expect(scene.engine.peekingDevices.isEmpty)
    }

    @Test("the last millisecond there is ends what lasts for ever")
    func endOfTime() {
        var scene = Self.scene([(Names.den, .max), (Names.hall, .min)])
        #expect(Self.expired(&scene, by: .min) == [Names.hall])
        #expect(Self.expired(&scene, by: .max) == [Names.den])
    }
}

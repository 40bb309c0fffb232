import MatrixModel
import SubscriptionCore
import Testing

@Suite("Typing and receipts")
struct EphemeralNewsTests {
    private static let den = Names.room("den")

    private static func household(startedAt start: Int64 = 100) -> Scene {
        var scene = Scene()
        scene.engine = SubscriptionEngine(ephemeralStart: EphemeralPosition(start))
        scene.commit { writer in
            writer.room(den, by: Names.alice)
            writer.member(.join, Names.bob, in: den)
        }
        return scene
    }

    private static func plan(_ scene: Scene, since: Int64?, typing: Int64?) -> SyncPlan {
        scene.engine.plan(
            for: Names.phone, since: since.map { StreamPosition($0) }, typingSince: typing.map { EphemeralPosition($0) },
            legacyPresence: false)
    }

    @Test("who is typing wakes the members and is told once; who stops, too")
    func typing() {
        var scene = Self.household()
        let waiter = scene.wait(Names.phone)
        #expect(Self.plan(scene, since: scene.position, typing: nil).ephemeralPosition == nil)
        #expect(scene.engine.setTyping([Names.bob], in: Self.den) == [waiter])
        let plan = Self.plan(scene, since: scene.position, typing: nil)
        #expect(plan.joined.map(\.typing) == [[Names.bob]])
        #expect(plan.ephemeralPosition == EphemeralPosition(101))
        #expect(Self.plan(scene, since: scene.position, typing: 101).isEmpty)
        #expect(scene.engine.setTyping([Names.bob], in: Self.den).isEmpty)
        #expect(scene.engine.setTyping([], in: Self.den) == [waiter])
        #expect(Self.plan(scene, since: scene.position, typing: 101).joined.map(\.typing) == [[]])
        #expect(Self.plan(scene, since: scene.position, typing: 102).isEmpty)
    }

    @Test("an initial sync tells of rooms in which somebody types")
    func initial() {
        var scene = Self.household()
        #expect(Self.plan(scene, since: nil, typing: nil).joined.map(\.typing) == [nil])
        _ = scene.engine.setTyping([Names.bob], in: Self.den)
        #expect(Self.plan(scene, since: nil, typing: nil).joined.map(\.typing) == [[Names.bob]])
    }

    @Test("a client that heard of typing from the process before is told that nobody types")
    func acrossStart() {
        let scene = Self.household(startedAt: 500)
        #expect(Self.plan(scene, since: scene.position, typing: 120).joined.map(\.typing) == [[]])
        #expect(Self.plan(scene, since: scene.position, typing: 120).ephemeralPosition == nil)
        #expect(Self.plan(scene, since: scene.position, typing: nil).isEmpty)
    }

    @Test("a receipt is news to every member, a private one to its user alone")
    func receipts() {
        var scene = Self.household()
        let (alice, bob) = (scene.wait(Names.phone), scene.wait(Names.bobs))
        var before = scene.position
        #expect(scene.commit { $0.receipt(of: Names.bob, in: Self.den) } == [alice, bob])
        #expect(Self.plan(scene, since: before, typing: nil).joined.map(\.hasReceipts) == [true])
        #expect(Self.plan(scene, since: scene.position, typing: nil).isEmpty)
        before = scene.position
        #expect(scene.commit { $0.receipt(of: Names.bob, in: Self.den, isPrivate: true) } == [bob])
        #expect(Self.plan(scene, since: before, typing: nil).isEmpty)
        let own = scene.engine.plan(for: Names.bobs, since: StreamPosition(before), legacyPresence: false)
        #expect(own.joined.map(\.hasReceipts) == [true])
    }

    @Test("a receipt takes what it covers from its user's count alone, and an older one gives nothing back")
    func counts() {
        var scene = Self.household()
        var messages: [StreamPosition] = []
        scene.commit { writer in
            for _ in 0..<3 { messages.append(writer.message(by: Names.alice, in: Self.den).position) }
            writer.member(.join, Names.carol, in: Self.den)
        }
        func count(_ user: UserID) -> Int { scene.engine.unread(for: user, in: Self.den).notifications }
        #expect(count(Names.bob) == 3)
        scene.commit { $0.receipt(of: Names.bob, in: Self.den, isPrivate: true, upTo: messages[1]) }
        #expect(count(Names.bob) == 1)
        scene.commit { $0.receipt(of: Names.bob, in: Self.den, upTo: messages[0]) }
        #expect(count(Names.bob) == 1)
        scene.commit { $0.receipt(of: Names.carol, in: Self.den, upTo: messages[2]) }
        #expect(count(Names.bob) == 1)
        scene.commit { $0.receipt(of: Names.bob, in: Self.den, upTo: messages[2]) }
        #expect(count(Names.bob) == 0)
    }
}

import MatrixModel
import SubscriptionCore
import Testing

@Suite("What is planned for those who ignore others")
struct IgnoringPlanTests {
    /// Alice's room den with bob and carol, both of whom have presence.
    private static func scene() -> Scene {
        var scene = Scene()
        scene.engine = SubscriptionEngine(ephemeralStart: EphemeralPosition(100))
        scene.commit { writer in
            writer.room(by: Names.alice)
            for user in [Names.bob, Names.carol] {
                writer.member(.join, user)
                writer.profileRoom(of: user)
                writer.presence("busy", of: user)
            }
        }
        return scene
    }

    /// Alice ignores these from the next commit on.
    private static func ignore(_ users: Set<UserID>, in scene: inout Scene) {
        let before = scene.engine.ignored(by: Names.alice) ?? .nobody
        scene.commit { writer in
            writer.accountData(of: Names.alice)
            let position = writer.nextPosition()
            writer.tell(.ignoringChanged(user: Names.alice, before.changed(to: users, at: position), at: position))
        }
    }

    private static func joined(_ scene: Scene, since: Int64?, typing: Int64? = nil) -> RoomPlan? {
        scene.engine.plan(
            for: Names.phone, since: since.map { StreamPosition($0) }, typingSince: typing.map { EphemeralPosition($0) },
            legacyPresence: false
        ).joined.first
    }

    @Test("an ignored user's messages count for nobody who ignores, before and after, and the end brings none back")
    func counts() {
        var scene = Self.scene()
        scene.commit { $0.message(by: Names.bob) }
        scene.commit { $0.message(by: Names.carol) }
        let since = scene.position
        #expect(scene.engine.unread(for: Names.alice, in: Names.den).notifications == 2)
        Self.ignore([Names.bob], in: &scene)
        #expect(scene.engine.unread(for: Names.alice, in: Names.den).notifications == 1)
        #expect(Self.joined(scene, since: since)?.unread.notifications == 1, "the counts are news though nothing came")
        #expect(Self.joined(scene, since: scene.position) == nil)
        scene.commit { $0.message(by: Names.bob) }
        #expect(scene.engine.unreadNotifications(of: Names.alice) == 1)
        let ignoring = scene.position
        Self.ignore([], in: &scene)
        #expect(Self.joined(scene, since: ignoring)?.unread.notifications == 1, "what was missed stays missed")
        scene.commit { $0.message(by: Names.bob) }
        #expect(scene.engine.unreadNotifications(of: Names.alice) == 2)
        #expect(scene.engine.unreadNotifications(of: Names.carol) == 2, "others count as ever: all of bob's since carol's own")
    }

    @Test("a flood of an ignored user pushes out nothing that others sent, and the flood of one who is not counts as ever")
    func flood() {
        var scene = Self.scene()
        for _ in 0..<3 { scene.commit { $0.message(by: Names.carol) } }
        scene.commit { commit in for _ in 0..<500 { commit.message(by: Names.bob) } }
        #expect(scene.engine.unread(for: Names.alice, in: Names.den).notifications == 100)
        Self.ignore([Names.bob], in: &scene)
        #expect(scene.engine.unread(for: Names.alice, in: Names.den).notifications == 3)
        Self.ignore([Names.carol], in: &scene)
        #expect(scene.engine.unread(for: Names.alice, in: Names.den).notifications == 0, "bob's were missed")
        Self.ignore([], in: &scene)
        scene.commit { commit in for _ in 0..<120 { commit.message(by: Names.carol) } }
        #expect(scene.engine.unread(for: Names.alice, in: Names.den).notifications == 100)
    }

    @Test("the typing of an ignored user is no news; whoever began before is seen to stop at once, and seen again at the end")
    func typing() {
        var scene = Self.scene()
        _ = scene.engine.setTyping([Names.bob, Names.carol], in: Names.den)
        let since = scene.position
        #expect(Self.joined(scene, since: since)?.typing == [Names.bob, Names.carol])
        Self.ignore([Names.bob], in: &scene)
        #expect(Self.joined(scene, since: since, typing: 101)?.typing == [Names.carol])
        #expect(Self.joined(scene, since: nil)?.typing == [Names.carol])
        let now = scene.position
        #expect(Self.joined(scene, since: now, typing: 101) == nil)
        _ = scene.engine.setTyping([Names.carol], in: Names.den)
        #expect(Self.joined(scene, since: now, typing: 101) == nil)
        #expect(Self.joined(scene, since: since, typing: 101)?.typing == [Names.carol], "of before it knows that bob typed")
        _ = scene.engine.setTyping([], in: Names.den)
        #expect(Self.joined(scene, since: now, typing: 101)?.typing == [])
        _ = scene.engine.setTyping([Names.bob], in: Names.den)
        #expect(Self.joined(scene, since: now, typing: 103) == nil)
        Self.ignore([], in: &scene)
        #expect(Self.joined(scene, since: now, typing: 104)?.typing == [Names.bob])
    }

    @Test("to whoever ignores, the other is offline once and then nothing; the end brings the presence, and nobody else is told")
    func presence() {
        var scene = Self.scene()
        let since = scene.position
        let (alice, carol) = (scene.wait(Names.phone), scene.wait(Names.carols))
        Self.ignore([Names.bob], in: &scene)
        for _ in 0..<2 {
            #expect(scene.plan(Names.phone, since: since, legacy: true)?.lostPresence == [Names.bob])
        }
        #expect(scene.plan(Names.carols, since: since, legacy: true) == ShownPlan())
        #expect(!scene.engine.canSee(Names.alice, laneOf: Names.bob) && scene.engine.canSee(Names.bob, laneOf: Names.alice))
        #expect(scene.plan(Names.phone, since: nil, legacy: true)?.presence == [Names.carol])
        let ignoring = scene.position
        #expect(scene.commit { $0.presence("online", of: Names.bob) } == [alice, carol])
        #expect(scene.plan(Names.phone, since: ignoring, legacy: true) == ShownPlan())
        Self.ignore([], in: &scene)
        #expect(scene.plan(Names.phone, since: ignoring, legacy: true)?.presence == [Names.bob])
    }

    @Test("a start finds who ignores whom, and tells a client that was away of the change all the same")
    func restart() {
        var scene = Scene()
        var facts = StoredFacts()
        func commit(_ write: (inout CommitWriter) -> Void) {
            var writer = CommitWriter(after: scene.engine.position)
            write(&writer)
            _ = scene.engine.apply(writer.commit)
            facts.take(writer.commit)
        }
        func ignore(_ users: Set<UserID>) {
            let before = scene.engine.ignored(by: Names.alice) ?? .nobody
            commit { writer in
                writer.accountData(of: Names.alice)
                let position = writer.nextPosition()
                writer.tell(.ignoringChanged(user: Names.alice, before.changed(to: users, at: position), at: position))
            }
        }
        commit { writer in
            writer.room(by: Names.alice)
            for user in [Names.bob, Names.carol] {
                writer.member(.join, user)
                writer.profileRoom(of: user)
                writer.presence("busy", of: user)
                writer.message(by: user)
            }
        }
        let start = scene.position
        ignore([Names.bob, Names.carol])
        let ignoring = scene.position
        #expect(facts.engine().ignored(by: Names.alice) == scene.engine.ignored(by: Names.alice))
        ignore([Names.bob])
        for since in [nil, start, ignoring, scene.position] {
            let since = since.map { StreamPosition($0) }
            let lived = ShownPlan(scene.engine.plan(for: Names.phone, since: since, legacyPresence: true))
            let restored = ShownPlan(facts.engine().plan(for: Names.phone, since: since, legacyPresence: true))
            #expect(lived?.lostPresence == (since == StreamPosition(start) ? [Names.bob] : []))
            #expect(restored?.lostPresence.contains(Names.bob) == (since.map { $0 < StreamPosition(scene.position) } ?? false))
            #expect(
                lived?.presence == restored?.presence && lived?.joined.mapValues(\.unread) == restored?.joined.mapValues(\.unread)
            )
        }
    }
}

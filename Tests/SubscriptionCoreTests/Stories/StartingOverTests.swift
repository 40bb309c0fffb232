import MatrixModel
import SubscriptionCore
import Testing

@Suite("A device whose history is lost")
struct StartingOverTests {
    private static let (den, hall) = (Names.den, Names.hall)

    /// Alice and Bob are in the den; Alice was in the hall with Carol and left it.
    private static func household() -> Scene {
        var scene = Scene()
        scene.commit { writer in
            writer.room(den, by: Names.alice)
            writer.member(.join, Names.bob, in: den)
            writer.room(hall, by: Names.carol)
            writer.member(.join, Names.alice, in: hall)
            writer.member(.leave, Names.alice, in: hall)
        }
        return scene
    }

    @Test("it is told everything, and to ask for everybody's keys again")
    func everything() {
        let scene = Self.household()
        let plan = scene.engine.planStartingOver(for: Names.phone, legacyPresence: false)
        #expect(plan.joined.map(\.room) == [Self.den])
        guard case .whole? = plan.joined.first?.content else {
            Issue.record("the room comes whole")
            return
        }
        #expect(plan.left.map(\.room) == [Self.hall])
        #expect(plan.changedDeviceLists == [Names.alice, Names.bob])
        #expect(scene.engine.plan(for: Names.phone, since: nil, legacyPresence: false).changedDeviceLists.isEmpty)
    }

    @Test("it is told who is typing, also where nobody is")
    func typing() {
        var scene = Self.household()
        #expect(scene.engine.planStartingOver(for: Names.phone, legacyPresence: false).joined.map(\.typing) == [[]])
        _ = scene.engine.setTyping([Names.bob], in: Self.den)
        #expect(scene.engine.planStartingOver(for: Names.phone, legacyPresence: false).joined.map(\.typing) == [[Names.bob]])
    }

    @Test("whoever has no presence that it may see is offline to it")
    func presence() {
        var scene = Self.household()
        scene.commit { writer in
            writer.profileRoom(of: Names.alice)
            writer.presence("online", of: Names.alice)
        }
        let plan = scene.engine.planStartingOver(for: Names.phone, legacyPresence: true)
        #expect(plan.presence == [Names.alice] && plan.lostPresence == [Names.bob])
    }

    @Test("it is told of peeks that ended, but not of those into rooms that it is told of otherwise")
    func peeks() {
        var scene = Self.household()
        scene.commit { writer in
            writer.profileRoom(of: Names.bob)
            writer.profileRoom(of: Names.carol)
            for room in [Names.profile(Names.bob), Names.profile(Names.carol)] {
                writer.peek(Names.phone, room)
                writer.endPeek(Names.phone, room)
            }
            writer.peek(Names.phone, Names.profile(Names.carol))
        }
        let plan = scene.engine.planStartingOver(for: Names.phone, legacyPresence: false)
        #expect(plan.endedPeeks == [Names.profile(Names.bob)])
        #expect(plan.peeked.map(\.room) == [Names.profile(Names.carol)])
    }
}

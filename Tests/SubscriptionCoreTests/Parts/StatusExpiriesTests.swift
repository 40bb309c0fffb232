import MatrixModel
import Testing

@testable import SubscriptionCore

@Suite("Statuses whose time is over")
struct StatusExpiriesTests {
    @Test("twenty thousand statuses with ends years ahead leave no more behind than a few, and the last one is over at its time")
    func manyStatuses() {
        var scene = Scene()
        scene.commit { _ = $0.lane(.status, of: Names.bob, by: Names.bob, ["text": "early", "io.hearth.expires_ts": 10]) }
        for number in 0..<20_000 {
            scene.commit {
                _ = $0.lane(
                    .status, of: Names.alice, by: Names.alice,
                    ["text": "later", "io.hearth.expires_ts": .integer(1_000 + Int64(number))])
            }
        }
        #expect(scene.engine.statusExpiries.count <= ExpiryHeap<Int>.fewest)
        #expect(scene.engine.statusesDue(by: Names.time(10)) == [Names.bob])
        #expect(scene.engine.statusesDue(by: Names.time(20_998)) == [Names.bob])
        #expect(scene.engine.statusesDue(by: Names.time(20_999)) == [Names.alice])
    }

    /// An engine in which so many users have a status until 10.
    private static func crowd(_ count: Int) -> (scene: Scene, users: Set<UserID>) {
        var scene = Scene()
        let users = (0..<count).map { Names.user("user\($0)") }
        scene.commit { for user in users { _ = $0.lane(.status, of: user, by: user, ["io.hearth.expires_ts": 10]) } }
        return (scene, Set(users))
    }

    @Test("thousands that end at once are named a few at a time, each once, and none is lost")
    func atOnce() {
        var (scene, users) = Self.crowd(5_000)
        var named: [UserID] = []
        while true {
            let due = scene.engine.statusesDue(by: Names.time(10))
            #expect(due.count <= StatusExpiries.mostAtOnce)
            if due.isEmpty { break }
            named += due
            scene.commit { for user in due { _ = $0.status("", of: user) } }
        }
        #expect(named.count == users.count && Set(named) == users)
        #expect(scene.engine.statusesDue(by: Names.time(100_000)) == [])
    }

    @Test("statuses that could not be cleared keep none of the others back, and are due again after a pause")
    func stubborn() {
        var (scene, users) = Self.crowd(150)
        var named: Set<UserID> = []
        for _ in 0..<3 { named.formUnion(scene.engine.statusesDue(by: Names.time(10))) }
        #expect(named == users)
        #expect(scene.engine.statusesDue(by: Names.time(5_009)) == [])
        named = []
        for _ in 0..<3 { named.formUnion(scene.engine.statusesDue(by: Names.time(5_010))) }
        #expect(named == users)
    }
}

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
        #expect(scene.engine.statusExpiries.count <= StatusExpiries.fewest)
        #expect(scene.engine.statusesDue(by: Names.time(10)) == [Names.bob])
        #expect(scene.engine.statusesDue(by: Names.time(20_998)) == [Names.bob])
        #expect(Set(scene.engine.statusesDue(by: Names.time(20_999))) == [Names.bob, Names.alice])
    }
}

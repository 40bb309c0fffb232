import HearthStore
import MatrixModel
import Testing

@Suite("A room's state and members, as an answer to a sync needs them")
struct RoomStateTests {
    private static let bob = TestNames.bob
    private static let carol = TestNames.user("carol")

    @Test(
        "at every position the state is the newest event of each key up to there, and only named members are among it if so asked"
    )
    func stateAtEachPosition() async throws {
        try await withStore { store in
            let sent = try await store.write { transaction in
                var room = try StoredRoom(in: transaction)
                let number = { (number: Int64) -> JSONObject in ["n": .integer(number)] }
                try room.send("test.state", key: "", number(1), at: 1002, in: transaction)
                try room.send("test.state", key: "x", number(2), at: 1003, in: transaction)
                try room.send(.message, number(3), at: 1004, in: transaction)
                try room.send("test.state", key: "", number(4), at: 1005, in: transaction)
                try room.send(.status, key: "", ["text": "lane"], isLane: true, at: 1006, in: transaction)
                try room.send(.topic, key: "", number(6), at: 1007, in: transaction)
                try room.send("test.state", key: "", number(7), at: 1008, in: transaction)
                return try (1...room.position.rawValue).compactMap { try transaction.events.event(at: StreamPosition($0)) }
            }
            try store.readNow { transaction in
                for end in 0...Int64(sent.count) + 1 {
                    var newest: [StateKey: StreamPosition] = [:]
                    for event in sent where event.position.rawValue <= end && !event.isLane {
                        if let key = event.stateIdentity { newest[key] = event.position }
                    }
                    let state = try transaction.events.state(of: TestNames.room, at: StreamPosition(end))
                    #expect(state.map(\.position) == newest.values.sorted())
                    let named = try transaction.events.state(
                        of: TestNames.room, at: StreamPosition(end), members: [TestNames.alice, Self.bob])
                    #expect(named.map(\.position) == state.map(\.position))
                    let unnamed = try transaction.events.state(of: TestNames.room, at: StreamPosition(end), members: [Self.bob])
                    #expect(unnamed.map(\.position) == state.filter { $0.type != .member }.map(\.position))
                }
            }
        }
    }

    @Test("members are counted by what they are, and the first of them come in the order in which they came")
    func firstMembers() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let memberships: [(UserID, Membership)] = [
                    (Self.carol, .join), (TestNames.alice, .join), (TestNames.user("dan"), .leave), (Self.bob, .invite),
                ]
                for (number, (user, membership)) in memberships.enumerated() {
                    try transaction.memberships.set(
                        membership, of: user, in: TestNames.room, at: StreamPosition(Int64(number + 1)))
                }
            }
            try store.readNow { transaction in
                let table = transaction.memberships
                let counts = try table.counts(in: TestNames.room)
                #expect(counts == [.join: 2, .leave: 1, .invite: 1])
                let (room, alice) = (TestNames.room, TestNames.alice)
                let present = try table.first(5, in: room, among: [.join, .invite], besides: alice)
                #expect(present == [Self.carol, Self.bob])
                let oldest = try table.first(1, in: room, among: [.join, .invite], besides: alice)
                #expect(oldest == [Self.carol])
                let all = try table.first(5, in: room, among: Membership.allCases, besides: alice)
                #expect(all == [Self.carol, TestNames.user("dan"), Self.bob])
            }
        }
    }
}

import MatrixModel
import SubscriptionCore
import Testing

@Suite("When a user was a member")
struct MembershipHistoryTests {
    private static func history(_ memberships: [Membership]) -> MembershipHistory {
        MembershipHistory(
            memberEvents: memberships.enumerated().map { index, membership in
                makeEvent(
                    .member, key: Names.alice.rawValue, content: ["membership": .string(membership.rawValue)],
                    at: StreamPosition(Int64(index + 1)))
            })
    }

    @Test(
        "the newest stay is from its first join to what ended it",
        arguments: [
            ([], nil, nil), ([.invite, .leave], nil, nil), ([.join], 1, nil), ([.join, .join], 1, nil),
            ([.invite, .join, .join, .leave], 2, 4), ([.join, .leave, .ban], 1, 2), ([.join, .leave, .invite, .leave], 1, 2),
            ([.join, .leave, .join, .join], 3, nil), ([.join, .ban, .leave, .join, .ban], 4, 5),
        ] as [([Membership], Int64?, Int64?)])
    func lastStay(memberships: [Membership], began: Int64?, ended: Int64?) {
        let stay = Self.history(memberships).lastStay
        #expect(stay?.began.rawValue == began)
        #expect(stay?.ended?.rawValue == ended)
    }

    @Test("at a position one is what the last change before it made one")
    func isJoined() {
        let history = Self.history([.invite, .join, .join, .leave, .join])
        #expect((0...6).map { history.isJoined(at: StreamPosition($0)) } == [false, false, true, true, false, true, true])
    }

    @Test("who is out and was in or kept out before may have been told of the room; who was only invited was not")
    func hasDeparted() {
        let history = Self.history([.invite, .join, .leave, .join, .ban, .leave])
        #expect(
            (0...7).map { history.hasDeparted(by: StreamPosition($0)) } == [false, false, false, true, false, true, true, true])
        #expect(Self.history([.invite, .leave]).hasDeparted(by: StreamPosition(2)))
    }
}

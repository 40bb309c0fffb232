import HearthStore
public import MatrixModel
public import PushCore
import SubscriptionCore

/// Users' push rules. To a sync they are the account data `m.push_rules`, which the server alone writes.
public final class PushRuleService: Sendable {
    private let writer: RoomWriter
    private let push: PushBook

    init(writer: RoomWriter, push: PushBook) {
        self.writer = writer
        self.push = push
    }

    /// The rules that stand now; reads no database.
    public func rules(of user: UserID) -> PushRuleset { push.rules(of: user) }

    /// Changes a user's rules, and tells all devices of the user.
    ///
    /// - Throws: ``PushRuleError`` or ``WriteError``; nothing is changed then.
    public func change(
        of user: UserID, _ change: @escaping @Sendable (inout PushRuleset) throws(PushRuleError) -> Void
    ) async throws {
        try await writer.perform { [push] context in
            try context.requireAccount(user)
            let before = push.rules(of: user, in: context)
            var rules = before
            try change(&rules)
            if rules == before { return }
            let content = rules.json(for: user)
            guard content.bytes.count <= PushRuleset.largestSize else { throw PushRuleError.tooLarge }
            push.change(to: rules, of: user, in: context)
            let position = context.nextPosition()
            try context.transaction.accountData.set(
                StoredAccountData(user: user, room: nil, type: .pushRules, content: content, position: position))
            context.tell(.accountData(user: user, at: position))
        }
    }
}

extension PushRuleset {
    /// The content of `m.push_rules` as clients get it: what was stored, with the default rules of today.
    static func accountData(stored: JSONObject?, of user: UserID) -> JSONObject {
        PushRuleset(parsing: stored ?? [:]).json(for: user)
    }
}

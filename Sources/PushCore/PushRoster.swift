public import MatrixModel

/// The members of one room, so that an event is weighed for all of them together.
///
/// Whoever never changed a rule is treated like everybody else, but for those whom the event names: they are found by the words of
/// the text, not by asking each member. So a plain message costs by its words and by the members with rules of their own.
public struct PushRoster: Sendable {
    private var members: [UserID: PushMember] = [:]
    /// Members by the first word of their localparts and names.
    private var byWord: [String: Set<UserID>] = [:]
    /// Members with a name that does not begin with a word.
    private var withoutWord: Set<UserID> = []

    public init() {}

    public var count: Int { members.count }
    public var users: some Collection<UserID> { members.keys }
    public func member(_ user: UserID) -> PushMember? { members[user] }

    /// A member who joined, or has another name now.
    public mutating func set(_ user: UserID, displayName: String?) {
        remove(user)
        let member = PushMember(user: user, displayName: displayName)
        members[user] = member
        for literal in member.names {
            if let word = literal.firstWord { byWord[word, default: []].insert(user) } else { withoutWord.insert(user) }
        }
    }

    public mutating func remove(_ user: UserID) {
        guard let member = members.removeValue(forKey: user) else { return }
        withoutWord.remove(user)
        for word in member.names.compactMap(\.firstWord) {
            byWord[word]?.remove(user)
            if byWord[word]?.isEmpty == true { byWord[word] = nil }
        }
    }

    /// How much an event concerns the members, by their rules. The sender is never among the deviations.
    ///
    /// - Parameter rules: the rules of all users who changed any, in this room or not.
    public func notices(of event: PushEvent, in room: PushRoom, rules: [UserID: PushRuleset]) -> EventNotices {
        let standard = PushRuleset.standard
        var notices = EventNotices(base: standard.verdict(on: event, in: room, for: nil).level)
        func weigh(_ user: UserID) {
            guard user != event.event.sender, let member = members[user] else { return }
            let level = (rules[user] ?? standard).verdict(on: event, in: room, for: member).level
            if level != notices.base { notices.deviations[user] = level }
        }
        for user in addressed(by: event) where rules[user] == nil { weigh(user) }
        if rules.count <= members.count {
            for user in rules.keys { weigh(user) }
        } else {
            for user in members.keys where rules[user] != nil { weigh(user) }
        }
        return notices
    }

    /// Members whom the default rules may treat unlike others.
    func addressed(by event: PushEvent) -> Set<UserID> {
        if event.event.type == .member { return Set(event.event.stateKey.flatMap { UserID($0) }.map { [$0] } ?? []) }
        if event.hasMentions { return event.mentionedUsers }
        guard let body = event.body else { return [] }
        var users = withoutWord
        if body.words.count <= byWord.count {
            for word in body.words { if let named = byWord[word] { users.formUnion(named) } }
        } else {
            for (word, named) in byWord where body.words.contains(word) { users.formUnion(named) }
        }
        return users
    }
}

extension PushMember {
    fileprivate var names: [WordLiteral] { [localpart] + (displayName.map { [$0] } ?? []) }
}

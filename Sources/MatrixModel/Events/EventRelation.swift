/// How an event relates to another one: `m.relates_to` of its content.
///
/// [Forming relationships between events](https://spec.matrix.org/v1.16/client-server-api/#forming-relationships-between-events).
public struct EventRelation: Sendable, Equatable {
    /// `rel_type`: open, compared by its bytes.
    public let type: RelationType
    public let target: EventID
    /// What an annotation says, such as an emoji; nil for all others, and where it is no text.
    public let key: String?

    public init(type: RelationType, target: EventID, key: String? = nil) {
        self.type = type
        self.target = target
        self.key = key
    }

    /// What a content says; nil where it says nothing, or nothing of the right shape.
    public init?(of content: JSONObject) {
        guard let relation = content["m.relates_to"]?.objectValue, let type = relation["rel_type"]?.stringValue,
            let target = relation["event_id"]?.stringValue.flatMap({ EventID($0) })
        else { return nil }
        let kind = RelationType(type)
        self.init(type: kind, target: target, key: kind == .annotation ? relation["key"]?.stringValue : nil)
    }
}

/// A kind of relation between events: open, compared by its bytes.
public struct RelationType: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String

    public init(_ rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { rawValue = value }

    public static func == (lhs: Self, rhs: Self) -> Bool { lhs.rawValue.hasSameBytes(as: rhs.rawValue) }
    public func hash(into hasher: inout Hasher) { rawValue.hashBytes(into: &hasher) }
    public var description: String { rawValue }

    /// An edit.
    public static let replace: RelationType = "m.replace"
    public static let thread: RelationType = "m.thread"
    /// A reaction.
    public static let annotation: RelationType = "m.annotation"
}

/// Edits by the events that they stand for: of each the newest.
public typealias Edits = [EventID: PersistedEvent]

extension PersistedEvent {
    /// The edits of some events that are among all that came after them.
    ///
    /// - Parameter later: in stream order.
    public static func edits(of originals: [PersistedEvent], among later: [PersistedEvent]) -> Edits {
        var edits: Edits = [:]
        for edit in later where edit.relation?.type == .replace {
            guard let target = edit.relation?.target, let original = originals.first(where: { $0.eventID == target }) else {
                continue
            }
            if edit.edits(original) { edits[target] = edit }
        }
        return edits
    }

    /// How this event relates to another; nil for state, which relates to nothing.
    public var relation: EventRelation? { stateKey == nil ? EventRelation(of: content) : nil }

    /// Whether this event is an edit of another one and may stand for it: by the same sender, of the same type, both no state, and the
    /// other one no edit itself.
    ///
    /// [Validity of replacement events](https://spec.matrix.org/v1.16/client-server-api/#validity-of-replacement-events). Encrypted
    /// edits hide their new content; their readers judge it.
    public func edits(_ original: PersistedEvent) -> Bool {
        guard let relation, relation.type == .replace, relation.target == original.eventID else { return false }
        guard roomID == original.roomID, sender == original.sender, type == original.type, original.stateKey == nil else {
            return false
        }
        guard original.relation?.type != .replace, !original.content.isEmpty else { return false }
        return type == .encrypted || content["m.new_content"]?.objectValue != nil
    }
}

public import MatrixModel

/// One condition of an `override` or `underride` rule: what the client wrote, and what it asks of an event.
///
/// [Conditions](https://spec.matrix.org/v1.16/client-server-api/#conditions-1). A kind that is not known, or one without what it needs, is
/// kept as it is and matches nothing.
public struct PushCondition: Sendable, Equatable {
    private let written: JSONObject
    private let test: Test

    private enum Test: Sendable, Equatable {
        case eventMatch(PropertyPath, Glob)
        case bodyMatch(Glob)
        case propertyIs(PropertyPath, JSON)
        case propertyContains(PropertyPath, JSON)
        case containsDisplayName
        case memberCount(MemberCount)
        case senderMayNotify(String)
        /// Of default rules: the state key, or an entry of `user_ids`, is the id of whoever owns the rules.
        case stateKeyIsOwner
        case ownerIsMentioned
        case never
    }

    /// A condition as a client wrote it.
    public init(parsing json: JSONObject) {
        written = json
        test = Self.test(of: json)
    }

    private init(_ written: JSONObject, _ test: Test) { (self.written, self.test) = (written, test) }

    /// `event_match` on the state key with the owner's id as its pattern.
    static let stateKeyIsOwner = PushCondition(["kind": "event_match", "key": "state_key"], .stateKeyIsOwner)

    /// `event_property_contains` on `m.mentions` with the owner's id as its value.
    static let ownerIsMentioned = PushCondition(
        ["kind": "event_property_contains", "key": "content.m\\.mentions.user_ids"], .ownerIsMentioned)

    func json(for owner: UserID) -> JSONObject {
        var json = written
        switch test {
        case .stateKeyIsOwner: json["pattern"] = .string(owner.rawValue)
        case .ownerIsMentioned: json["value"] = .string(owner.rawValue)
        default: break
        }
        return json
    }

    var hasWildcards: Bool {
        switch test {
        case .eventMatch(_, let glob), .bodyMatch(let glob): glob.hasWildcards
        default: false
        }
    }

    private static func test(of json: JSONObject) -> Test {
        let key = json["key"]?.stringValue
        switch json["kind"]?.stringValue {
        case "event_match":
            guard let key, let pattern = json["pattern"]?.stringValue else { return .never }
            let path = PropertyPath(key)
            return path == .body ? .bodyMatch(Glob(pattern)) : .eventMatch(path, Glob(pattern))
        case "event_property_is":
            guard let key, let value = json["value"], value.isComparable else { return .never }
            return .propertyIs(PropertyPath(key), value)
        case "event_property_contains":
            guard let key, let value = json["value"], value.isComparable else { return .never }
            return .propertyContains(PropertyPath(key), value)
        case "contains_display_name": return .containsDisplayName
        case "room_member_count": return json["is"]?.stringValue.flatMap(MemberCount.init).map { .memberCount($0) } ?? .never
        case "sender_notification_permission": return key.map { .senderMayNotify($0) } ?? .never
        default: return .never
        }
    }

    /// Whether the condition holds. Without a member, whatever asks for one does not.
    func holds(for event: PushEvent, in room: PushRoom, member: PushMember?, within steps: inout PushSteps) -> Bool {
        guard steps.take(1) else { return false }
        switch test {
        case .eventMatch(let path, let glob):
            guard let text = event.value(at: path)?.stringValue else { return false }
            return glob.matchesWhole(of: text, within: &steps)
        case .bodyMatch(let glob):
            guard let body = event.body else { return false }
            return glob.matchesWords(in: body, within: &steps)
        case .propertyIs(let path, let value): return event.value(at: path) == value
        case .propertyContains(let path, let value):
            guard let list = event.value(at: path)?.arrayValue else { return false }
            // Eight bytes of a string are compared at a time.
            let cost = 1 + (value.stringValue?.utf8.count ?? 0) / 8
            return steps.take(list.count * cost) && list.contains(value)
        case .containsDisplayName:
            guard let body = event.body, let name = member?.displayName else { return false }
            return name.occurs(in: body, within: &steps)
        case .memberCount(let count): return count.includes(room.memberCount)
        case .senderMayNotify(let key): return room.senderMayNotify(key)
        case .stateKeyIsOwner: return member.map { event.event.stateKey?.hasSameBytes(as: $0.user.rawValue) ?? false } ?? false
        case .ownerIsMentioned: return member.map { event.mentionedUsers.contains($0.user) } ?? false
        case .never: return false
        }
    }
}

/// `is` of `room_member_count`: a number, with `==`, `<`, `>`, `<=` or `>=` before it.
struct MemberCount: Sendable, Equatable {
    private enum Comparison: String {
        case equal = "=="
        case less = "<"
        case more = ">"
        case atMost = "<="
        case atLeast = ">="
    }
    private let comparison: Comparison
    private let number: Int

    init?(_ text: String) {
        let sign = String(text.prefix { "=<>".contains($0) })
        let digits = text.dropFirst(sign.count)
        guard let comparison = sign.isEmpty ? .equal : Comparison(rawValue: sign), !digits.isEmpty,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(digits)
        else { return nil }
        (self.comparison, self.number) = (comparison, number)
    }

    func includes(_ count: Int) -> Bool {
        switch comparison {
        case .equal: count == number
        case .less: count < number
        case .more: count > number
        case .atMost: count <= number
        case .atLeast: count >= number
        }
    }
}

extension JSON {
    /// Whether rules may compare with it: a string, an integer, true, false or null.
    fileprivate var isComparable: Bool {
        switch self {
        case .null, .bool, .string: true
        case .integer: isCanonical
        case .double, .array, .object: false
        }
    }
}

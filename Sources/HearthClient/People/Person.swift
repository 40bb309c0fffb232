public import MatrixModel

/// The four values of presence, as `m.presence` in a profile room tells them.
///
/// The order is that of a list of people: who can be talked to comes first.
public enum ShownPresence: String, Sendable, Equatable, CaseIterable {
    case online, busy, unavailable, offline

    /// A value that nobody knows yet counts as `unavailable`.
    public init(wire value: String) { self = Self(rawValue: value) ?? .unavailable }

    /// The word that people read and write.
    public var word: String { self == .unavailable ? "away" : rawValue }
}

/// A status: what `m.status` in a profile room holds. At least one of text and emoji is not empty.
public struct PersonStatus: Sendable, Equatable {
    public let text: String
    public let emoji: String
    public let expires: MatrixTimestamp?

    public init(text: String, emoji: String, expires: MatrixTimestamp?) {
        self.text = text
        self.emoji = emoji
        self.expires = expires
    }

    /// The status of an event's content; nil for a cleared one.
    public init?(content: JSONObject) {
        text = content["text"]?.stringValue ?? ""
        emoji = content["emoji"]?.stringValue ?? ""
        expires = content["io.hearth.expires_ts"]?.integerValue.map(MatrixTimestamp.init(milliseconds:))
        if text.isEmpty && emoji.isEmpty { return nil }
    }

    /// Emoji and text as they were written: not fit for a terminal before ``SafeText`` saw it.
    public var whole: String { [emoji, text].filter { !$0.isEmpty }.joined(separator: " ") }
}

/// What a profile room tells of one person.
public struct Person: Sendable, Equatable {
    public let userID: UserID
    public var displayName: String?
    /// Nil where there is none: offline for ever so far, or not for us to see.
    public var presence: ShownPresence?
    public var lastActive: MatrixTimestamp?
    public var status: PersonStatus?

    public init(
        userID: UserID, displayName: String? = nil, presence: ShownPresence? = nil, lastActive: MatrixTimestamp? = nil,
        status: PersonStatus? = nil
    ) {
        self.userID = userID
        self.displayName = displayName
        self.presence = presence
        self.lastActive = lastActive
        self.status = status
    }

    /// For programs: the wire's words and times.
    public var json: JSONObject {
        var json: JSONObject = [
            "user_id": .string(userID.rawValue), "presence": presence.map { .string($0.rawValue) } ?? .null,
        ]
        json["display_name"] = displayName.map(JSON.string)
        json["last_active_ts"] = lastActive.map { .integer($0.milliseconds) }
        json["status"] = status.map { status in
            var content: JSONObject = ["text": .string(status.text), "emoji": .string(status.emoji)]
            content["expires_ts"] = status.expires.map { .integer($0.milliseconds) }
            return .object(content)
        }
        return json
    }
}

extension Sequence<Person> {
    /// Who can be talked to first, then by name, then by id.
    public func sortedForPeople() -> [Person] {
        func rank(_ person: Person) -> Int {
            person.presence.flatMap { ShownPresence.allCases.firstIndex(of: $0) } ?? ShownPresence.allCases.count
        }
        return sorted { one, other in
            (rank(one), one.shownName.lowercased(), one.userID.rawValue)
                < (rank(other), other.shownName.lowercased(), other.userID.rawValue)
        }
    }
}

public import MatrixModel

/// What a user chose, as account data: `m.presence.persistent` of [MSC4532](https://github.com/matrix-org/matrix-spec-proposals/pull/4532).
///
/// The account data has two names, the stable one and one with a prefix, which its states and the key `status` have too there. Both stand for
/// one value. Clients write it and Hearth does; this says what a write means, and what is to be written.
public struct PersistentPresence: Sendable, Equatable {
    static let prefix = "org.continuwuity.presence_v2.msc4532."

    /// The names that the account data has.
    public static let types: [EventType] = ["m.presence.persistent", EventType(prefix + "presence.persistent")]

    /// `state_override`.
    public enum Override: Sendable, Hashable {
        /// `""`, `null`, or no key: the devices decide.
        case none
        /// `active` or `online`: the devices decide, too.
        case automatic
        /// `offline`, `busy`, `unavailable` or `idle`.
        case chosen(Presence)
        /// Anything else, which means nothing.
        case unknown
    }

    /// `status.msg`.
    public enum Message: Sendable, Hashable {
        /// Missing, `null` or `""`.
        case none
        case text(String)
        /// No string, which means nothing.
        case unknown
    }

    public var override: Override
    public var message: Message

    public init(override: Override = .none, message: Message = .none) {
        self.override = override
        self.message = message
    }

    public init(parsing content: JSONObject) {
        override = Self.override(content["state_override"] ?? .null)
        message = Self.message(content["status"] ?? content[Self.prefix + "status"] ?? .null)
    }

    private static func override(_ value: JSON) -> Override {
        if value.isNull { return .none }
        guard let word = value.stringValue else { return .unknown }
        if word.isEmpty { return .none }
        switch word.hasPrefix(prefix) ? String(word.dropFirst(prefix.count)) : word {
        case "active", "online": return .automatic
        case "idle", "unavailable": return .chosen(.unavailable)
        case "busy": return .chosen(.busy)
        case "offline": return .chosen(.offline)
        default: return .unknown
        }
    }

    private static func message(_ status: JSON) -> Message {
        if status.isNull { return .none }
        guard let status = status.objectValue else { return .unknown }
        guard let value = status["msg"], !value.isNull else { return .none }
        guard let text = value.stringValue else { return .unknown }
        return text.isEmpty ? .none : .text(text)
    }

    // MARK: A client's write

    /// What a write changes, over what was stored. What means nothing changes nothing, and is as good as nothing in what is stored.
    public struct Change: Sendable, Equatable {
        public enum Choice: Sendable, Equatable {
            case stays, ends
            case becomes(Presence)
        }
        public enum Status: Sendable, Equatable {
            case stays, ends
            case becomes(String)
        }

        public var choice: Choice
        public var status: Status

        public init(choice: Choice, status: Status) {
            self.choice = choice
            self.status = status
        }
    }

    public func change(to written: PersistentPresence) -> Change {
        let choice: Change.Choice =
            switch written.override {
            case .unknown: .stays
            case override == .unknown ? .none : override: .stays
            case .none, .automatic: .ends
            case .chosen(let presence): .becomes(presence)
            }
        let status: Change.Status =
            switch written.message {
            case .unknown: .stays
            case message == .unknown ? .none : message: .stays
            case .none: .ends
            case .text(let text): .becomes(text)
            }
        return Change(choice: choice, status: status)
    }

    // MARK: The server's writes

    /// The content with other values of the two keys, as account data of this name spells them; all other keys stay. What says the same
    /// already, in whichever words, stays as it is.
    public func written(into content: JSONObject, as type: EventType) -> JSONObject {
        let standing = PersistentPresence(parsing: content)
        let prefix = type == Self.types[0] ? "" : Self.prefix
        var content = content
        if standing.meaning.override != meaning.override {
            content["state_override"] = Self.word(for: override).map { .string(prefix + $0) }
        }
        if standing.meaning.message != meaning.message {
            let (own, other) = (prefix + "status", (prefix.isEmpty ? Self.prefix : "") + "status")
            var status = (content[own] ?? content[other])?.objectValue ?? [:]
            if case .text(let text) = message { status["msg"] = .string(text) } else { status["msg"] = nil }
            content[other] = nil
            content[own] = status.isEmpty ? nil : .object(status)
        }
        return content
    }

    /// What is left of it when what means nothing is taken away.
    private var meaning: PersistentPresence {
        let isChosen = if case .chosen = override { true } else { false }
        return PersistentPresence(override: isChosen ? override : .none, message: message == .unknown ? .none : message)
    }

    private static func word(for override: Override) -> String? {
        switch override {
        case .chosen(.unavailable): "idle"
        case .chosen(let presence): presence.rawValue
        case .none, .automatic, .unknown: nil
        }
    }
}

public import MatrixModel

/// How much a user may do, or how much is needed: a number, or a creator's power, which is above all numbers.
public enum PowerLevel: Hashable, Comparable, Sendable, CustomStringConvertible {
    case level(Int64)
    case creator

    public var description: String {
        switch self {
        case .level(let level): "\(level)"
        case .creator: "that of a creator"
        }
    }
}

/// Who may do what in a room, from its create event and its power levels, with the spec's value for everything that these leave
/// open.
///
/// [m.room.power_levels](https://spec.matrix.org/v1.16/client-server-api/#mroompower_levels). Without a power levels event the
/// creator of a room of version 11 has 100. The creators of a room of version 12 stand above all levels. Values are looked up in
/// the content when they are asked for; only integers count (room version 10 and later), whatever else stands there is as good as
/// missing.
public struct PowerLevels: Sendable {
    private let content: JSONObject?
    private let firstCreator: UserID
    private let creatorsArePowerful: Bool
    private let additionalCreators: [JSON]

    /// - Parameters:
    ///   - create: the room's `m.room.create`.
    ///   - powerLevels: its `m.room.power_levels`; nil when there is none.
    public init(create: SignedEvent, powerLevels: SignedEvent?) {
        content = powerLevels?.content
        firstCreator = create.sender
        creatorsArePowerful = create.version.hasPowerfulCreators
        additionalCreators = creatorsArePowerful ? create.content["additional_creators"]?.arrayValue ?? [] : []
    }

    /// The levels that hold in a state; nil when it has no create event.
    public init?(state: some AuthState) {
        guard let create = state.event(.create) else { return nil }
        self.init(create: create, powerLevels: state.event(.powerLevels))
    }

    public func level(of user: UserID) -> PowerLevel {
        if creatorsArePowerful && isCreator(user) { return .creator }
        guard let content else { return .level(!creatorsArePowerful && user == firstCreator ? 100 : 0) }
        return .level(content["users"]?.objectValue?[user.rawValue]?.integerValue ?? named("users_default", otherwise: 0))
    }

    /// The level that sending an event of this type needs.
    public func required(for type: EventType, isState: Bool) -> PowerLevel {
        if let level = content?["events"]?.objectValue?[type.rawValue]?.integerValue { return .level(level) }
        return .level(isState ? named("state_default", otherwise: 50) : named("events_default", otherwise: 0))
    }

    public var ban: PowerLevel { .level(named("ban", otherwise: 50)) }
    public var kick: PowerLevel { .level(named("kick", otherwise: 50)) }
    public var invite: PowerLevel { .level(named("invite", otherwise: 0)) }
    public var redact: PowerLevel { .level(named("redact", otherwise: 50)) }

    /// Whether the user is the sender of the create event or, from version 12 on, one of its additional creators.
    public func isCreator(_ user: UserID) -> Bool {
        user == firstCreator || additionalCreators.contains(.string(user.rawValue))
    }

    private func named(_ key: String, otherwise standard: Int64) -> Int64 {
        content?[key]?.integerValue ?? standard
    }
}

/// The profile fields that only the owner's audience sees, on every way on which profiles are told.
///
/// The status is an event of the owner's lane. The other two are written by programs; they are kept beside the room, since whatever
/// stands in a profile room's state can be read by everybody.
public enum AudienceField: String, Sendable, CaseIterable {
    /// [MSC4426](https://github.com/matrix-org/matrix-spec-proposals/pull/4426).
    case status = "m.status"
    /// Likewise: set while the user is in a call.
    case call = "m.call"
    /// [MSC4320](https://github.com/matrix-org/matrix-spec-proposals/pull/4320): what the user is playing or listening to.
    case richPresence = "m.rpc"

    /// The stable name, and the one that clients use while the proposal is open: two names of one field.
    public var names: [String] {
        switch self {
        case .status: [rawValue, "org.matrix.msc4426.status"]
        case .call: [rawValue, "org.matrix.msc4426.call"]
        case .richPresence: [rawValue, "com.ip-logger.msc4320.rpc"]
        }
    }

    /// The field of a name; nil for every other name.
    public init?(named name: String) {
        guard let field = Self.allCases.first(where: { $0.names.contains(name) }) else { return nil }
        self = field
    }
}

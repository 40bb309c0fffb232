public import MatrixModel

/// What of one user's profile is news for a device.
public struct ProfilePlan: Sendable {
    public let user: UserID
    /// The user's profile room, where it is to be read.
    public let room: RoomID?
    /// Whether the last shared room is gone: then the client forgets all that it knew, and nothing else is told.
    public internal(set) var isGone = false
    public internal(set) var audience: [AudienceField: News] = [:]
    public internal(set) var others = OtherFields.unchanged

    public enum News: Sendable, Equatable {
        /// The value as it stands.
        case value(JSONObject)
        /// Removed, or not for this viewer any longer: the two cannot be told apart.
        case removed
    }

    /// The fields that everybody sees, which memory does not hold.
    public enum OtherFields: Sendable, Equatable {
        case unchanged
        /// All that stand.
        case whole
        /// All, also those that do not stand: the client may know them of a time when it asked for them before.
        case anew
        /// Those whose value differs from the one at the position that the client continues from.
        case changed
        /// Both: two people share a room again, and the client may still know older values.
        case wholeAndChanged

        var isWhole: Bool { self == .whole || self == .anew || self == .wholeAndChanged }
    }

    /// Whether there is anything to tell.
    var isEmpty: Bool { !isGone && audience.isEmpty && others == .unchanged }
}

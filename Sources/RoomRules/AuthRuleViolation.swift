/// Why the authorisation rules refuse an event: the rule, and a sentence for the person who tried.
public struct AuthRuleViolation: Error, Equatable, Sendable, CustomStringConvertible {
    /// The part of the rules that refused.
    public enum Rule: String, Sendable {
        /// The create event itself.
        case create
        /// The room that the event claims to be in.
        case room
        case authEvents
        case signatures
        /// `m.federate` of the create event.
        case federation
        /// The form of a membership event.
        case member
        case join, invite, thirdPartyInvite, leave, ban, knock
        /// The sender is not in the room.
        case notJoined
        case requiredPower
        /// A state key that is another user's id.
        case stateKey
        /// A change of the power levels.
        case powerLevels
    }

    public let rule: Rule
    public let description: String

    init(_ rule: Rule, _ description: String) {
        self.rule = rule
        self.description = description
    }
}

import MatrixModel
import SubscriptionCore

/// What a change brings with it that may be too much for one operation of the writer: its first step belongs to the operation, the others
/// follow the commit, each an operation of its own, with others' operations in between.
enum FollowUp: Hashable, Sendable {
    /// A user's name and picture go into the member events of the rooms that the user is in (``MemberEvents``).
    case memberEvents(of: UserID)
    /// A user whose account has ended leaves all rooms.
    case departure(of: UserID)
    /// The sessions in the key backups of a user whose account has ended go.
    case keyBackups(of: UserID)
    /// Peeks end, or show what they did not, as the audience is now.
    case audience(AudienceScope)

    /// What is to be done, whoever it concerns.
    enum Kind: Hashable, Sendable { case memberEvents, departure, keyBackups, audience }

    var kind: Kind {
        switch self {
        case .memberEvents: .memberEvents
        case .departure: .departure
        case .keyBackups: .keyBackups
        case .audience: .audience
        }
    }

    /// Where the next step begins; steps go upwards.
    enum Cursor: Sendable, Equatable {
        case room(RoomID)
        case user(UserID)
        /// The member who joined at this position comes before it.
        case member(StreamPosition)
        case peek(StreamPosition)
    }

    /// How many rooms, or peeks, one step goes through.
    static let rooms = 16
    static let peeks = 64
    /// How many sessions of key backups one step deletes.
    static let sessions = 2_000

    /// The name under which the store remembers it; nil for what every start does anyhow.
    var storedName: String? {
        switch self {
        case .memberEvents(let user): "member_events \(user)"
        case .departure(let user): "departure \(user)"
        case .keyBackups(let user): "key_backups \(user)"
        case .audience: nil
        }
    }

    init?(storedName: String) {
        let words = storedName.split(separator: " ", maxSplits: 1)
        guard words.count == 2, let user = UserID(String(words[1])) else { return nil }
        switch words[0] {
        case "member_events": self = .memberEvents(of: user)
        case "departure": self = .departure(of: user)
        case "key_backups": self = .keyBackups(of: user)
        default: return nil
        }
    }
}

import HearthRuntime
import HearthSettings
import HearthStore
import MatrixModel
public import RoomRules

/// What users do to rooms: making, joining, leaving, sending. Reading is ``RoomReader``'s.
///
/// Every method is one operation of the ``RoomWriter``: done whole and on the disk when it returns, or not at all. Only local users
/// take part; ids of other servers are refused in words.
public final class RoomService: Sendable {
    let store: Store
    let clock: any ServerClock
    let server: ServerIdentity
    let writer: RoomWriter
    let notifier: StreamNotifier
    let settings: RoomSettings
    let typing: TypingService
    let roomsMade: RoomsMade
    let activityHappened: @Sendable (DeviceKey) -> Void

    /// - Parameter activityHappened: told of every device that did something in a room.
    init(
        store: Store, clock: any ServerClock, server: ServerIdentity, writer: RoomWriter, notifier: StreamNotifier,
        settings: RoomSettings, typing: TypingService, activityHappened: @escaping @Sendable (DeviceKey) -> Void
    ) {
        self.store = store
        self.clock = clock
        self.server = server
        self.writer = writer
        self.notifier = notifier
        self.settings = settings
        self.typing = typing
        roomsMade = RoomsMade(perHour: settings.quotas.roomsPerHour, clock: clock)
        self.activityHappened = activityHappened
    }

    /// Runs an operation and turns what the writer throws into what rooms throw.
    func perform<Value: Sendable>(_ operation: @escaping @Sendable (WriteContext) throws -> Value) async throws -> Value {
        do {
            return try await writer.perform(operation)
        } catch let error as SendError {
            throw RoomError(error)
        }
    }
}

/// The settings that rooms depend on.
public struct RoomSettings: Sendable {
    /// The version of a room whose maker names none.
    public var defaultVersion: RoomVersion
    /// What a user may have of rooms and aliases.
    var quotas = Quotas()

    public init(defaultVersion: RoomVersion = .v11) { self.defaultVersion = defaultVersion }
}

extension WriteContext {
    /// The ordinary or profile room of this id.
    func requireRoom(_ id: RoomID) throws -> RoomMemory {
        guard let room = try room(id) else { throw RoomError.unknownRoom }
        return room
    }

    func membership(of user: UserID, in room: RoomID) throws -> Membership? {
        try transaction.memberships.membership(of: user, in: room)?.membership
    }

    /// Refuses users of other servers and users that do not exist.
    func requireLocalUser(_ user: UserID) throws {
        guard server.isLocal(user) else {
            throw RoomError.forbidden("\(user) is on another server, and this server does not federate.")
        }
        guard let stored = try transaction.users.user(user), !stored.isDeactivated else {
            throw RoomError.notFound("There is no user \(user).")
        }
    }

    /// The content of a member event: the membership, and the name and avatar of the user's profile.
    func memberContent(_ membership: Membership, of user: UserID, reason: String? = nil) throws -> JSONObject {
        var content: JSONObject = ["membership": .string(membership.rawValue)]
        if let reason { content["reason"] = .string(reason) }
        if membership == .join || membership == .invite {
            let profile = try profileContent(of: user)
            for key in ProfileContent.shownInRooms { content[key] = profile[key] }
        }
        return content
    }

    /// The content of `m.profile` in a user's profile room, without what counts as unset; empty while it was never set.
    func profileContent(of user: UserID) throws -> JSONObject {
        guard let room = try profileRoom(of: user), try self.room(room) != nil else { return [:] }
        return ProfileContent.cleared(try state(.profile, in: room)?.content ?? [:])
    }

    /// Sends a member event about a user.
    @discardableResult
    func sendMembership(
        _ content: JSONObject, of user: UserID, by sender: UserID, in room: RoomID
    ) throws -> PersistedEvent {
        try send(EventRequest(type: .member, stateKey: user.rawValue, sender: sender, content: content), in: room)
    }
}

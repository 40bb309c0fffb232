public import MatrixModel

/// One thing that a commit changed, as far as anybody is told of it.
public enum StreamChange: Sendable {
    /// A room's timeline goes on with an event. Where it is state, what it changes is told before it.
    case timeline(PersistedEvent)
    /// A piece of a room's present state is another now, beside the lane's.
    case state(RoomStateChange)
    /// A new presence or status in a profile room: it supersedes the one before.
    case laneEvent(PersistedEvent, owner: UserID)
    /// What an event means to its room's members, where that is not what its type has it. Comes right after the event.
    case notices(NoticedEvent, in: RoomID)
    /// An event lost its content; it keeps its position.
    case redacted(PersistedEvent)
    case accountData(user: UserID, at: StreamPosition)
    /// A user's policy changed: with whom presence and status are shared.
    case sharingChanged(user: UserID, PresenceSharing, at: StreamPosition)
    /// A user ignores others than before.
    case ignoringChanged(user: UserID, IgnoredUsers, at: StreamPosition)
    /// A program wrote or removed a field of a user's profile, or others see it or see it no longer.
    case programField(user: UserID, AudienceField, ProgramField, at: StreamPosition)
    case peekStarted(Peek)
    case peekRenewed(DeviceKey, RoomID, expires: MatrixTimestamp)
    /// A live peek into a profile room shows its lane from now on.
    case laneGranted(DeviceKey, RoomID, at: StreamPosition)
    /// A peek stays in the audience: where its lane was withheld it is shown again.
    case laneKept(DeviceKey, RoomID, at: StreamPosition)
    case peekEnded(DeviceKey, RoomID, at: StreamPosition, reason: PeekEnd)
    /// All peeks into a room end.
    case peeksEnded(in: RoomID, at: StreamPosition, reason: PeekEnd)
    /// The audience of these peeks changed, and their rows follow in commits to come: what may not be seen is not shown from now on.
    case audienceChanged(AudienceScope)
    case roomCreated(RoomID, profileOwner: UserID?)
    /// A profile room is served no more: its owner's account has ended. Its peeks have ended before.
    case profileRoomClosed(RoomID, owner: UserID)
    case roomForgotten(RoomID, by: UserID)
    case deviceDeleted(DeviceKey)
    /// A user has read up to an event. What is private concerns the user's own devices alone.
    case receipt(room: RoomID, user: UserID, isPrivate: Bool, readUpTo: StreamPosition, at: StreamPosition)
    /// Messages to devices were stored, all at one position.
    case sentToDevices([DeviceKey], at: StreamPosition)
    /// A device has got the messages up to a position, and they were deleted.
    case deletedToDevice(DeviceKey, upTo: StreamPosition)
    /// A user's devices, their keys or the user's cross-signing keys are others now.
    case keysChanged(user: UserID, at: StreamPosition)
    /// A user has signed keys of others: the user's own devices are told.
    case keysSigned(of: [UserID], by: UserID, at: StreamPosition)
    /// What is left of a device's keys; `at` when somebody else changed it, so that the device is told.
    case keyCounts(DeviceKey, KeyCounts, at: StreamPosition?)
}

/// A piece of a room's state as it is from a position on.
public struct RoomStateChange: Sendable {
    public let room: RoomID
    public let key: StateKey
    /// What stands there now; nil for nothing.
    public let event: PersistedEvent?
    public let position: StreamPosition
    /// Whether it is an event of the timeline that changes it, which is told next: that one wakes the room's readers.
    public let isInTimeline: Bool

    public init(room: RoomID, key: StateKey, event: PersistedEvent?, position: StreamPosition, isInTimeline: Bool) {
        self.room = room
        self.key = key
        self.event = event
        self.position = position
        self.isInTimeline = isInTimeline
    }
}

/// Everything that one transaction changed, in the order in which it happened.
public struct StreamCommit: Sendable {
    /// The last position that the transaction used; positions up to here are complete.
    public let position: StreamPosition
    public let changes: [StreamChange]

    public init(position: StreamPosition, changes: [StreamChange]) {
        self.position = position
        self.changes = changes
    }
}

/// A device's subscription to a room that its user has not joined (MSC2753).
public struct Peek: Sendable, Equatable {
    public let device: DeviceKey
    public let room: RoomID
    public let started: StreamPosition
    public var expires: MatrixTimestamp
    /// Where the peek began to show the room's lane; nil while its user is outside the owner's audience, and in ordinary rooms.
    public var laneSince: StreamPosition?

    public init(
        device: DeviceKey, room: RoomID, started: StreamPosition, expires: MatrixTimestamp, laneSince: StreamPosition?
    ) {
        self.device = device
        self.room = room
        self.started = started
        self.expires = expires
        self.laneSince = laneSince
    }
}

/// Why a peek ended.
public enum PeekEnd: Sendable, Equatable {
    case unpeeked, expired, joined, notAllowed
}

import HearthSettings
import HearthStore
public import MatrixModel
import SubscriptionCore

/// What a user has read, as a client says it: one event and what is marked with it.
public struct ReadMark: Sendable {
    public enum Kind: Sendable, Equatable {
        case receipt(Receipt.Kind)
        /// The marker that stays where the user left off: room account data, `m.fully_read`.
        case fullyRead
    }

    public let kind: Kind
    public let event: EventID
    /// `main`, a thread's root, or nil for what knows no threads.
    public let thread: String?

    public init(_ kind: Kind, at event: EventID, thread: String? = nil) {
        self.kind = kind
        self.event = event
        self.thread = thread
    }
}

/// Keeps how far users have read. No mark ever goes back.
///
/// [Receipts](https://spec.matrix.org/v1.16/client-server-api/#receipts) and
/// [fully read markers](https://spec.matrix.org/v1.16/client-server-api/#fully-read-markers).
public final class ReceiptService: Sendable {
    /// How many relations lie between an event and its thread at most.
    static let deepestThreading = 3
    static let mainThread = "main"

    private let quotas: Quotas
    private let writer: RoomWriter
    private let activityHappened: @Sendable (DeviceKey) -> Void

    /// - Parameter activityHappened: told of every device whose user read something.
    init(quotas: Quotas, writer: RoomWriter, activityHappened: @escaping @Sendable (DeviceKey) -> Void) {
        self.quotas = quotas
        self.writer = writer
        self.activityHappened = activityHappened
    }

    /// Sets all marks in one commit, or none.
    ///
    /// - Throws: ``RoomError``: ``RoomError/notInRoom`` for who has not joined the room, `notFound` for an event that is not in it,
    ///   `invalidParameter` for a thread that the event does not belong to.
    public func set(_ marks: [ReadMark], in room: RoomID, by device: DeviceKey) async throws {
        let user = device.user
        try await writer.perform { [quotas] context in
            guard try context.requireRoom(room).record.profileOwner == nil,
                try context.membership(of: user, in: room) == .join
            else { throw RoomError.notInRoom }
            for mark in marks {
                guard let event = try context.transaction.events.event(mark.event, in: room) else {
                    throw RoomError.notFound("There is no event \(mark.event) in this room.")
                }
                switch mark.kind {
                case .receipt(let kind):
                    try Self.receive(mark, of: kind, by: user, about: event, most: quotas.receipts, in: context)
                case .fullyRead: try Self.setFullyRead(event, by: user, in: context)
                }
            }
        }
        activityHappened(device)
    }

    private static func receive(
        _ mark: ReadMark, of kind: Receipt.Kind, by user: UserID, about event: PersistedEvent, most: Int,
        in context: WriteContext
    ) throws {
        if let thread = mark.thread, try !isEvent(event, inThread: thread, context: context) {
            throw RoomError.invalidParameter("\(mark.event) does not belong to the thread that \"thread_id\" names.")
        }
        let receipt = Receipt(user: user, kind: kind, event: mark.event, time: context.now.wall, thread: mark.thread)
        let position = context.nextPosition()
        let stored = StoredReceipt(receipt, readUpTo: event.position, position: position)
        guard try context.transaction.receipts.advance(stored, in: event.roomID) else { return }
        if mark.thread != nil {
            try context.transaction.receipts.trim(of: user, in: event.roomID, to: most)
        }
        context.tell(
            .receipt(
                room: event.roomID, user: user, isPrivate: kind == .readPrivate, readUpTo: event.position, at: position))
    }

    /// Whether an event belongs to a thread: by a relation, direct or through others; a thread's root belongs to it and to the main one.
    ///
    /// [Threaded read receipts](https://spec.matrix.org/v1.16/client-server-api/#threaded-read-receipts).
    private static func isEvent(_ event: PersistedEvent, inThread thread: String, context: WriteContext) throws -> Bool {
        if event.eventID.rawValue.hasSameBytes(as: thread) { return true }
        var relation = event.relation
        for _ in 0..<deepestThreading {
            guard let known = relation else { break }
            if known.target.rawValue.hasSameBytes(as: thread) { return true }
            if known.type == .thread { return false }
            relation = try context.transaction.events.event(known.target, in: event.roomID)?.relation
        }
        return thread.hasSameBytes(as: mainThread)
    }

    private static func setFullyRead(_ event: PersistedEvent, by user: UserID, in context: WriteContext) throws {
        let table = context.transaction.accountData
        let standing = try table.data(of: user, room: event.roomID, type: .fullyRead)?.content["event_id"]?.stringValue
        if let id = standing.flatMap({ EventID($0) }), let before = try context.transaction.events.event(id, in: event.roomID),
            before.position >= event.position
        {
            return
        }
        let position = context.nextPosition()
        try table.set(
            StoredAccountData(
                user: user, room: event.roomID, type: .fullyRead, content: ["event_id": .string(event.eventID.rawValue)],
                position: position))
        context.tell(.accountData(user: user, at: position))
    }
}

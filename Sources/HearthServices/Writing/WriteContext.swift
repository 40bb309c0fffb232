public import HearthStore
public import MatrixModel
import RoomRules
public import SubscriptionCore

/// One transaction, as an operation sees it: tables, time, positions, and what others will be told once it is committed.
///
/// Lives on the writer's turn only. What an operation did to it is undone when the operation throws.
public final class WriteContext {
    public let transaction: StoreTransaction
    public let now: Now
    /// How long the server has run: what to count by where a clock that is set must not matter.
    public let age: ServerAge
    public let server: ServerIdentity
    /// Who follows the rooms, in their order.
    private let followers: [any RoomFollower]
    var memory: WriterMemory
    private(set) var changes: [StreamChange] = []
    private(set) var afterCommitHooks: [@Sendable () -> Void] = []
    private var overlays = Overlays()

    /// Of the operation that runs now, or of a part of it.
    private var running = Running()

    private struct Running {
        var touchedRooms: Set<RoomID> = []
        var notedProfileRooms: [UserID] = []
        var changesBefore = 0
        var hooksBefore = 0
        var overlaysBefore = 0
        var failureHooks: [@Sendable () -> Void] = []
    }

    init(
        transaction: StoreTransaction, now: Now, age: ServerAge, server: ServerIdentity, followers: [any RoomFollower],
        memory: WriterMemory
    ) {
        self.transaction = transaction
        self.now = now
        self.age = age
        self.server = server
        self.followers = followers
        self.memory = memory
        if self.memory.isTooMuch { self.memory.shrink() }
    }

    /// The next free position of the stream.
    public func nextPosition() -> StreamPosition {
        memory.position = memory.position.next
        return memory.position
    }

    /// Notes what others are told once the transaction is on the disk.
    public func tell(_ change: StreamChange) { changes.append(change) }

    // MARK: Memory beside the store

    /// What this transaction has made of a memory so far, nil for what it took away: an operation sees its own changes and those of the
    /// operations before it.
    func changes<Mirror: RowMirror>(of mirror: Mirror) -> [Mirror.Key: Mirror.Value?] { overlays.changes(of: mirror) }

    /// Changes a memory together with the rows that it mirrors; nil takes the value away.
    func set<Mirror: RowMirror>(_ value: Mirror.Value?, for key: Mirror.Key, of mirror: Mirror) {
        overlays.set(value, for: key, of: mirror)
    }

    /// What has the memories adopt this transaction's changes.
    var adoptions: [@Sendable () -> Void] { overlays.adoptions }

    /// Runs after the commit and after everybody was told of it, before the request is answered: for effects. What readers consult belongs in a ``RowMirror``.
    public func afterCommit(_ hook: @escaping @Sendable () -> Void) { afterCommitHooks.append(hook) }

    /// Runs when this operation, or the transaction around it, leaves nothing behind: for a memory that lives outside of transactions as
    /// well, and so cannot wait for the commit.
    public func onFailure(_ hook: @escaping @Sendable () -> Void) { running.failureHooks.append(hook) }

    /// The one door for changes of rooms: has everybody told of one after the commit, and all followers keep up with it.
    func change(_ change: RoomChange) throws {
        if let redacted = change.redacted {
            tell(.redacted(redacted))
        } else if let owner = change.profileOwner, change.isLane {
            if let event = change.event { tell(.laneEvent(event, owner: owner)) }
        } else {
            let news = change.origin.isLive ? change.event : nil
            for delta in change.state {
                tell(
                    .state(
                        RoomStateChange(
                            room: change.room, key: delta.key, event: delta.after, position: change.position,
                            isInTimeline: news != nil)))
            }
            if let news { tell(.timeline(news)) }
        }
        for follower in followers { try follower.follow(change, in: self) }
    }

    // MARK: Rooms

    /// A room's memory, read from the store when it is not in mind; nil when there is no such room.
    func room(_ id: RoomID) throws -> RoomMemory? {
        if let room = memory.rooms[id] { return room }
        guard let record = try transaction.rooms.room(id) else { return nil }
        let room = RoomMemory(record: record)
        memory.rooms[id] = room
        return room
    }

    /// Takes over the changed ends of a room, in memory and in the store.
    func updateRecord(_ record: RoomRecord, since before: RoomRecord) throws {
        running.touchedRooms.insert(record.roomID)
        memory.rooms[record.roomID]?.record = record
        try transaction.rooms.updateTips(record, since: before)
    }

    func insertRoom(_ record: RoomRecord) throws {
        running.touchedRooms.insert(record.roomID)
        try transaction.rooms.insert(record, at: now.wall)
        memory.rooms[record.roomID] = RoomMemory(record: record)
    }

    /// One piece of a room's present state.
    func state(_ key: StateKey, in room: RoomID) throws -> SignedEvent? {
        if let known = memory.rooms[room]?.state[key] { return known }
        let event = try transaction.events.signedState(key, in: room)
        memory.keep(event, as: key, in: room)
        return event
    }

    func setState(_ key: StateKey, in room: RoomID, to event: SignedEvent, at position: StreamPosition) throws {
        running.touchedRooms.insert(room)
        memory.keep(event, as: key, in: room)
        try transaction.state.set(key, in: room, to: position)
    }

    /// Reads the room again at its next use: its stored events were changed.
    func forgetRoom(_ room: RoomID) {
        running.touchedRooms.insert(room)
        memory.forget(room)
    }

    /// What a follower has kept of a room, which it takes out to change it; nil where it has kept nothing, or where that was forgotten.
    func takeMemo<Memo: Sendable>(_: Memo.Type, of room: RoomID) -> Memo? {
        memory.rooms[room]?.memos.removeValue(forKey: ObjectIdentifier(Memo.self)) as? Memo
    }

    /// Keeps what a follower wants to find again at the room's next change. It is forgotten with the room, so that the store must have it all.
    func keepMemo<Memo: Sendable>(_ memo: Memo, of room: RoomID) {
        memory.rooms[room]?.memos[ObjectIdentifier(Memo.self)] = memo
    }

    /// A user's profile room; nil when there is none, or when the user's account has ended.
    func profileRoom(of user: UserID) throws -> RoomID? {
        if let room = memory.profileRooms[user] { return room }
        guard let room = try transaction.rooms.profileRoom(of: user) else { return nil }
        memory.profileRooms[user] = room
        running.notedProfileRooms.append(user)
        return room
    }

    /// Looks the user's profile room up again at its next use: the account has ended.
    func forgetProfileRoom(of user: UserID) { memory.profileRooms[user] = nil }

    // MARK: Operations

    /// Runs the part of an operation that concerns one user of many: where that user's rows are what keeps it from being done, the operator
    /// is told and the others' parts go on. So it is where a room of the user's refuses the part, or the user's account has ended.
    ///
    /// - Parameters:
    ///   - partialChanges: what the part may have changed when it throws.
    ///   - part: does what concerns the user.
    func passingOver(_ user: UserID, partialChanges: PartialChanges = .none, _ part: () throws -> Void) throws {
        do {
            switch partialChanges {
            case .none: try transaction.checkedFirst(part)
            case .undone: try nested(part)
            }
        } catch StoreError.corrupt(let place) {
            UnreadableRows.passedOver(place, of: user.rawValue)
        } catch StoreError.tooDeep, StoreError.unstorable {
            RefusedParts.passedOver(of: user)
        } catch let error as StoreError {
            throw error
        } catch {
            RefusedParts.passedOver(of: user)
        }
    }

    /// Runs a part of the operation that leaves nothing behind when it throws, in the store nor in memory.
    private func nested(_ part: () throws -> Void) throws {
        let around = running
        running = Running(
            changesBefore: changes.count, hooksBefore: afterCommitHooks.count, overlaysBefore: overlays.mark)
        do {
            try transaction.nested(part)
        } catch {
            discard()
            running = around
            throw error
        }
        let inner = running
        running = around
        running.touchedRooms.formUnion(inner.touchedRooms)
        running.notedProfileRooms += inner.notedProfileRooms
        running.failureHooks += inner.failureHooks
    }

    func begin() {
        running.touchedRooms.removeAll(keepingCapacity: true)
        running.notedProfileRooms.removeAll(keepingCapacity: true)
        running.failureHooks.removeAll(keepingCapacity: true)
        running.changesBefore = changes.count
        running.hooksBefore = afterCommitHooks.count
        running.overlaysBefore = overlays.mark
    }

    /// Keeps what the operation did; returns what to run should the whole transaction fail.
    func keep() -> [@Sendable () -> Void] {
        defer { running.failureHooks.removeAll(keepingCapacity: true) }
        return running.failureHooks
    }

    /// Undoes in memory what the operation did, or a part of it; the savepoint does it in the store.
    func discard() {
        for room in running.touchedRooms { memory.forget(room) }
        for user in running.notedProfileRooms { memory.profileRooms[user] = nil }
        changes.removeLast(changes.count - running.changesBefore)
        afterCommitHooks.removeLast(afterCommitHooks.count - running.hooksBefore)
        overlays.undo(to: running.overlaysBefore)
        for hook in running.failureHooks.reversed() { hook() }
        running.failureHooks.removeAll(keepingCapacity: true)
    }

    func forgetEverything() { memory.forgetRooms() }
}

import HearthStore
import MatrixModel
import RoomRules

/// What the writer keeps between transactions: the last position, the rooms that were written lately, and whose rooms they are.
///
/// The rooms are a cache. It grows with every state event that is written or asked for, such as each member's; once it is too much their
/// state is forgotten, and read again where it is needed. Followers' memos stay: a roster of a huge room is long to read.
struct WriterMemory: Sendable {
    /// How many rooms the writer keeps in mind between transactions.
    static let mostRooms = 20_000
    /// How much of their state, in bytes as ``RoomMemory`` reckons them: some hundred thousand members, or the profile rooms of fifteen
    /// thousand active users.
    static let heaviestState = 128 * 1024 * 1024

    var position: StreamPosition
    /// The last position that is on the disk: where the next batch begins again after one that failed.
    var committed: StreamPosition
    var rooms: [RoomID: RoomMemory] = [:]
    var profileRooms: [UserID: RoomID] = [:]
    private(set) var stateWeight = 0

    init(position: StreamPosition, committed: StreamPosition) {
        self.position = position
        self.committed = committed
    }

    var isTooMuch: Bool {
        rooms.count > Self.mostRooms || profileRooms.count > Self.mostRooms || stateWeight > Self.heaviestState
    }

    /// Takes over a piece of the state of a room that is in mind; nil stands for there being none.
    mutating func keep(_ event: SignedEvent?, as key: StateKey, in room: RoomID) {
        stateWeight += rooms[room]?.keep(event, as: key) ?? 0
    }

    /// Makes the writer read a room again.
    mutating func forget(_ room: RoomID) {
        if let forgotten = rooms.removeValue(forKey: room) { stateWeight -= forgotten.weight }
    }

    /// Forgets the state of all rooms, and the rooms of which no follower has kept anything. Where these alone are many, they go too.
    mutating func shrink() {
        rooms = rooms.compactMapValues { $0.memos.isEmpty ? nil : $0.withoutState }
        if rooms.count > Self.mostRooms / 2 { rooms.removeAll() }
        if profileRooms.count > Self.mostRooms { profileRooms.removeAll() }
        stateWeight = 0
    }

    /// Makes the writer read all of them again.
    mutating func forgetRooms() {
        rooms.removeAll()
        profileRooms.removeAll()
        stateWeight = 0
    }
}

/// A room as the writer knows it: the ends of its graph and the state events that were needed so far.
struct RoomMemory: Sendable {
    var record: RoomRecord
    /// A key that is known to be unset holds nil.
    private(set) var state: [StateKey: SignedEvent?] = [:]
    /// What followers have kept of the room, by its type.
    var memos: [ObjectIdentifier: any Sendable] = [:]
    /// What the state takes in memory, about.
    private(set) var weight = 0

    init(record: RoomRecord) { self.record = record }

    /// The room as it is known before any of its state was needed, but for followers' memos.
    var withoutState: RoomMemory {
        var room = RoomMemory(record: record)
        room.memos = memos
        return room
    }

    /// Takes over a piece of state; returns by how much that makes the room heavier.
    fileprivate mutating func keep(_ event: SignedEvent?, as key: StateKey) -> Int {
        let before = state.updateValue(event, forKey: key)
        let change = Self.weight(of: event) - (before.map { Self.weight(of: $0) } ?? 0)
        weight += change
        return change
    }

    /// An event's ids, hashes and signatures take about a kilobyte; what its content takes depends on who wrote it.
    private static func weight(of event: SignedEvent?) -> Int {
        event.map { 1_024 + weight(of: JSON.object($0.content)) } ?? 256
    }

    private static func weight(of json: JSON) -> Int {
        switch json {
        case .string(let text): 32 + text.utf8.count
        case .array(let values): values.reduce(32) { $0 + weight(of: $1) }
        case .object(let object): object.members.reduce(32) { $0 + 64 + $1.key.utf8.count + weight(of: $1.value) }
        case .null, .bool, .integer, .double: 16
        }
    }
}

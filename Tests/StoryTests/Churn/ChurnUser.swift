import MatrixModel
import Synchronization

/// One person of the churn, whom one task plays at a time: what they are called, and what they know of the server.
final class ChurnUser: Sendable {
    static let password = "correct horse battery staple"

    struct Device: Sendable {
        let id: String
        let token: String
    }

    /// What the answers told, for requests that name it again.
    struct Knowledge: Sendable {
        var devices: [Device] = []
        var rooms: [String] = []
        var peeked: [String] = []
        /// An event of each room.
        var events: [String: String] = [:]
        var media: [String] = []
        var awaitedMedia: String?
        var filter: String?
        var backup: String?
        var alias: String?
        var since: String?
        /// Rooms that this user made, one that they left, whom they invited to the newest of theirs, and whom they banned from it.
        var madeRooms: [String] = []
        var leftRoom: String?
        var guest: String?
        var banned: String?
        /// What was written that is read and deleted under a fixed name.
        var written: Set<String> = []
        var isGone = false
    }

    let name: String
    let userID: String
    /// Where the requests come from, so that limits by address are those of many people and not of one.
    let address: String
    /// A keeper's writes are compared with what there is; all others ask for everything, their own log-out and end among it.
    let isKeeper: Bool
    let knowledge = Mutex(Knowledge())
    let kept = Mutex<[String: KeptValue]>([:])

    init(name: String, number: Int, isKeeper: Bool) {
        self.name = name
        userID = "@\(name):localhost"
        address = "10.\(number >> 16 & 0xFF).\(number >> 8 & 0xFF).\(number & 0xFF)"
        self.isKeeper = isKeeper
    }

    var token: String { knowledge.withLock { $0.devices.first?.token ?? "" } }

    /// The number of the next write of this value.
    func attempt(_ value: String) -> Int { kept.withLock { $0[value, default: KeptValue()].attempt() } }
    func acknowledge(_ value: String, _ number: Int) { kept.withLock { $0[value, default: KeptValue()].acknowledge(number) } }
    func loseAnswer(_ value: String, _ number: Int) { kept.withLock { $0[value, default: KeptValue()].loseAnswer(number) } }
    func possible(_ value: String) -> Set<Int> { kept.withLock { $0[value]?.possible ?? [0] } }
    /// What was under way when the server went can come no more.
    func serverIsGone() { kept.withLock { kept in for name in kept.keys { kept[name]?.serverIsGone() } } }
}

/// What one value may be, after writes of which some got no answer. Values are numbers, 0 is the one before the first.
///
/// A refused write leaves it as it was, an acknowledged one makes it certain, except that a write that was sent and whose client went
/// away may overtake it as long as the server lives.
struct KeptValue: Sendable {
    private(set) var attempted = 0
    private(set) var possible: Set<Int> = [0]
    private var underWay: Set<Int> = []

    mutating func attempt() -> Int {
        attempted += 1
        return attempted
    }

    mutating func acknowledge(_ number: Int) { possible = underWay.union([number]) }

    mutating func loseAnswer(_ number: Int) {
        possible.insert(number)
        underWay.insert(number)
    }

    mutating func serverIsGone() { underWay = [] }
}

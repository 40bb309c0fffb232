import DequeModule
import MatrixModel

/// Kinds of work that do not wait for one another: each has places of its own.
///
/// A gateway is untried until it has answered once, and slow while its last answer took more than two seconds: somebody's gateway
/// that takes its time holds up neither those that do not, nor those of which nothing is known yet.
enum PusherLane: Hashable, Sendable, CaseIterable {
    /// Asking the store.
    case reading
    /// Gateways whose last answer came soon, whatever it said.
    case prompt
    case untried
    case slow

    /// How many actions of the lane may be under way.
    var places: Int {
        switch self {
        case .reading, .untried, .slow: 8
        case .prompt: 16
        }
    }
}

/// What is under way and what waits for its turn: users take turns in each lane, and no user has more than two actions under way.
struct PusherPlaces: Sendable {
    static let mostOfUser = 2
    /// How long a delivery may take before its gateway is slow. One that takes longer moves to the slow lane while it is under way, so
    /// that a gateway that ceases to answer holds a place among the prompt ones no longer than that.
    static let slowAfter: Duration = .seconds(2)
    /// Beyond this many deliveries to slow and untried gateways none is begun: the other places stay for prompt ones.
    private static let mostUnproven = 32

    struct Work: Sendable {
        fileprivate(set) var lane: PusherLane
        let gateway: String
        let began: MonotonicTime

        func isLate(at now: MonotonicTime) -> Bool { now >= lateAt }
        fileprivate var lateAt: MonotonicTime { began.advanced(by: PusherPlaces.slowAfter) }
    }

    private let most: Int
    private var underWay: [PusherTicket: Work] = [:]
    private var taken: [PusherLane: Int] = [:]
    private var ofUser: [UserID: Int] = [:]
    private var turns: [PusherLane: PusherTurns] = [:]

    init(most: Int) { self.most = most }

    mutating func wait(_ key: PusherKey, for lane: PusherLane) { turns[lane, default: PusherTurns()].append(key) }

    /// The pusher whose turn it is, and in which lane; nil while nobody waits for a place that is free.
    mutating func next() -> (PusherKey, PusherLane)? {
        for lane in PusherLane.allCases where hasPlace(lane) {
            let key = turns[lane]?.next { ofUser[$0, default: 0] < Self.mostOfUser }
            if let key { return (key, lane) }
        }
        return nil
    }

    mutating func take(_ lane: PusherLane, for ticket: PusherTicket, gateway: String, at now: MonotonicTime) {
        underWay[ticket] = Work(lane: lane, gateway: gateway, began: now)
        taken[lane, default: 0] += 1
        ofUser[ticket.pusher.user, default: 0] += 1
    }

    /// Frees the place of an action that is done; nil when it has none.
    mutating func release(_ ticket: PusherTicket) -> Work? {
        guard let work = underWay.removeValue(forKey: ticket) else { return nil }
        taken[work.lane, default: 1] -= 1
        let left = ofUser[ticket.pusher.user, default: 1] - 1
        ofUser[ticket.pusher.user] = left > 0 ? left : nil
        return work
    }

    /// Moves deliveries that take too long to the slow lane; returns their gateways.
    mutating func moveLateOnes(at now: MonotonicTime) -> [String] {
        let late = underWay.filter { $0.value.canBecomeLate && $0.value.lateAt <= now }
        for (ticket, work) in late {
            underWay[ticket]?.lane = .slow
            taken[work.lane, default: 1] -= 1
            taken[.slow, default: 0] += 1
        }
        return late.values.map(\.gateway)
    }

    /// When ``moveLateOnes(at:)`` has something to do.
    var nextLateOne: MonotonicTime? { underWay.values.lazy.filter(\.canBecomeLate).map(\.lateAt).min() }

    private func hasPlace(_ lane: PusherLane) -> Bool {
        guard underWay.count < most, taken[lane, default: 0] < lane.places else { return false }
        guard lane == .untried || lane == .slow else { return true }
        return taken[.untried, default: 0] + taken[.slow, default: 0] < Self.mostUnproven
    }
}

extension PusherPlaces.Work {
    fileprivate var canBecomeLate: Bool { lane == .prompt || lane == .untried }
}

/// Pushers that may have something to do, each at most once: their users take turns, and a user's pushers take turns within.
private struct PusherTurns: Sendable {
    private var users: Deque<UserID> = []
    private var pushers: [UserID: Deque<PusherKey>] = [:]
    private var waiting: Set<PusherKey> = []

    mutating func append(_ key: PusherKey) {
        guard waiting.insert(key).inserted else { return }
        if pushers[key.user] == nil { users.append(key.user) }
        pushers[key.user, default: []].append(key)
    }

    /// Users who may not go now keep their place in the row.
    mutating func next(where mayGo: (UserID) -> Bool) -> PusherKey? {
        guard let index = users.firstIndex(where: mayGo) else { return nil }
        let user = users.remove(at: index)
        guard let key = pushers[user]?.popFirst() else { return nil }
        if pushers[user]?.isEmpty == true { pushers[user] = nil } else { users.append(user) }
        waiting.remove(key)
        return key
    }
}

/// How fast the gateways of all pushers are, by host and port.
struct KnownGateways: Sendable {
    private var hosts: [String: (pushers: Int, lane: PusherLane)] = [:]

    mutating func add(_ host: String) { hosts[host, default: (0, .untried)].pushers += 1 }

    mutating func remove(_ host: String) {
        guard let known = hosts[host] else { return }
        if known.pushers > 1 { hosts[host]?.pushers -= 1 } else { hosts[host] = nil }
    }

    /// Follows how long the host took to answer; one that nobody sends to any longer is forgotten.
    mutating func note(_ host: String, _ lane: PusherLane) { hosts[host]?.lane = lane }

    func lane(of host: String) -> PusherLane { hosts[host]?.lane ?? .untried }
}

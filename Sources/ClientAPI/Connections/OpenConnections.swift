import HearthRuntime
import HearthServices
import HearthSettings
import Logging
import NIOCore
import Synchronization

/// The connections of one listener: so many of one address, and when there is no room for more, those that rest make room.
///
/// - A connection is *silent* until its first request has come, and *rests* when a second has passed since its last answer. Both cost their
///   client nothing to lose: it connects anew.
/// - Of one IPv4 address or IPv6 /64 so many are taken; for one more, the address's own oldest silent or resting connection goes, or else
///   the new one. Addresses that many clients share are not bounded: this machine's own and the trusted proxies'.
/// - When all are taken, the address with the most silent and resting ones loses its oldest. While there is none to lose, none may rest for long
///   (``isFull``).
///
/// While it is full, it looks once a second whether one of them rests by then: a client that waits to be taken does not make anybody look. A
/// connection that is to go is looked at once more on its own event loop, where nothing else happens to it meanwhile.
///
/// State: `state` is guarded by its lock, taken when a connection comes and goes; what a connection does is an atomic of its own.
final class OpenConnections: Sendable {
    private let most: Int
    private let mostOfAddress: Int
    private let trustedProxies: [IPNetwork]
    private let logger: Logger
    private let warning = RareWarning()
    private let full = Atomic<Bool>(false)
    /// Whether the next look while it is full is planned.
    private let isLooking = Atomic<Bool>(false)
    private let state = Mutex(State())

    private struct State {
        /// By what the bound counts by; under an empty key those that nothing bounds.
        var addresses: [String: Address] = [:]
        /// Nothing rests until then, as of the last look.
        var nextLook = NIODeadline.uptimeNanoseconds(0)
    }

    private struct Address {
        var connections: [ObjectIdentifier: OpenConnection] = [:]
        /// As in ``State``.
        var nextLook = NIODeadline.uptimeNanoseconds(0)

        mutating func add(_ connection: OpenConnection) { connections[ObjectIdentifier(connection)] = connection }

        /// How many rest; no longer counted once there are so many.
        func restingCount(at now: NIODeadline, most: Int = .max) -> Int {
            var count = 0
            for connection in connections.values where connection.rest(at: now) != nil {
                count += 1
                if count == most { break }
            }
            return count
        }

        /// Takes so many that rest out of the record, the silent ones first, and of each kind the oldest.
        mutating func takeResting(_ count: Int, at now: NIODeadline) -> [OpenConnection] {
            let resting = connections.values.compactMap { connection in connection.rest(at: now).map { (connection, $0) } }
            let leaving = resting.sorted { $0.1 < $1.1 }.prefix(count).map(\.0)
            for connection in leaving { connections[ObjectIdentifier(connection)] = nil }
            return leaving
        }
    }

    /// Going through all connections in vain is not repeated sooner.
    private static let pause = TimeAmount.milliseconds(100)

    /// - Parameter mostOfAddress: of one address.
    init(most: Int, mostOfAddress: Int, trustedProxies: [IPNetwork], logger: Logger) {
        self.most = most
        self.mostOfAddress = mostOfAddress
        self.trustedProxies = trustedProxies
        self.logger = logger
    }

    /// Whether all connections are taken, and none rested when another was to be.
    var isFull: Bool { full.load(ordering: .relaxed) }

    /// A connection was made; it is to be closed at once if it is surplus.
    func opened(_ channel: any Channel, at now: NIODeadline) -> OpenConnection {
        let peer = ClientAddress.of(peer: channel.remoteAddress?.ipAddress ?? "", forwardedFor: [], trusted: [])
        let key = peer.countedAs(sharedBy: trustedProxies)
        let (connection, leaving) = state.withLock { state in
            var address = state.addresses[key ?? ""] ?? Address()
            // The record is changed in place.
            state.addresses[key ?? ""] = nil
            defer { state.addresses[key ?? ""] = address.connections.isEmpty ? nil : address }
            var leaving: [OpenConnection] = []
            var isSurplus = false
            if key != nil, address.connections.count >= mostOfAddress {
                if address.nextLook <= now { leaving = address.takeResting(max(1, mostOfAddress / 64), at: now) }
                isSurplus = leaving.isEmpty
                if isSurplus, address.nextLook <= now { address.nextLook = now + Self.pause }
            }
            let connection = OpenConnection(channel, key: key ?? "", isSurplus: isSurplus, at: now)
            if !isSurplus { address.add(connection) }
            return (connection, leaving)
        }
        close(leaving)
        if connection.isSurplus || !leaving.isEmpty, warning.isDue() {
            logger.warning(
                """
                one address has as many connections as it may, more are closed; if it is a reverse proxy, name it in listen.trusted_proxies, \
                else raise limits.connections_per_address
                """,
                metadata: ["address": "\(peer.text)", "connections": "\(mostOfAddress)"])
        }
        return connection
    }

    func closed(_ connection: OpenConnection) {
        state.withLock { state in
            guard state.addresses[connection.key]?.connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else {
                return
            }
            if state.addresses[connection.key]?.connections.isEmpty == true { state.addresses[connection.key] = nil }
        }
    }

    /// Whether one more can be taken besides so many.
    func hasRoom(beside open: Int) -> Bool {
        let hasRoom = open < most || restsAny(at: .now())
        full.store(!hasRoom, ordering: .relaxed)
        if !hasRoom { planLook() }
        return hasRoom
    }

    private func restsAny(at now: NIODeadline) -> Bool {
        state.withLock { state in
            guard state.nextLook <= now else { return false }
            if state.addresses.values.contains(where: { $0.restingCount(at: now, most: 1) > 0 }) { return true }
            state.nextLook = now + Self.pause
            return false
        }
    }

    /// Closes connections that rest, a few more than one: finding them takes a look at all.
    func makeRoom() {
        let now = NIODeadline.now()
        let leaving = state.withLock { state -> [OpenConnection] in
            // Those that nothing bounds lose theirs last.
            let resting = state.addresses.map { key, address in
                (key: key, isBounded: !key.isEmpty, count: address.restingCount(at: now))
            }
            let loser = resting.filter { $0.count > 0 }
                .max { ($0.isBounded ? 1 : 0, $0.count) < ($1.isBounded ? 1 : 0, $1.count) }
            guard let loser else { return [] }
            let leaving = state.addresses[loser.key]?.takeResting(max(1, most / 256), at: now) ?? []
            if state.addresses[loser.key]?.connections.isEmpty == true { state.addresses[loser.key] = nil }
            return leaving
        }
        close(leaving)
    }

    /// Closes those that were taken out of the record, unless they have something to do again and their address has room for them.
    private func close(_ leaving: [OpenConnection]) {
        for connection in leaving {
            connection.close { [self] in
                state.withLock { state in
                    var address = state.addresses[connection.key] ?? Address()
                    if connection.isBounded, address.connections.count >= mostOfAddress { return false }
                    address.add(connection)
                    state.addresses[connection.key] = address
                    return true
                }
            }
        }
    }

    private func planLook() {
        guard isLooking.exchange(true, ordering: .relaxed) == false else { return }
        let loop = state.withLock { $0.addresses.values.first?.connections.values.first?.eventLoop }
        guard let loop else { return isLooking.store(false, ordering: .relaxed) }
        loop.scheduleTask(in: OpenConnection.pause) { [weak self] in
            guard let self else { return }
            isLooking.store(false, ordering: .relaxed)
            guard isFull else { return }
            makeRoom()
            planLook()
        }
    }

    /// How many addresses have a connection.
    var addressCount: Int { state.withLock { $0.addresses.count } }
}

/// One connection of a listener.
///
/// Legal transitions: silent -> busy -> resting -> busy -> …
final class OpenConnection: Sendable {
    /// What a connection that no request is answered over waits for. The lesser one is the first to go.
    enum Rest: Comparable {
        /// Since it was made.
        case silent(since: NIODeadline)
        /// Since its last answer.
        case resting(since: NIODeadline)
    }

    /// Under which ``OpenConnections`` keeps it.
    let key: String
    /// Whether its address has too many already.
    let isSurplus: Bool
    /// Whether connections of its address are counted: it is no proxy's and not this machine's.
    var isBounded: Bool { !key.isEmpty }
    var eventLoop: any EventLoop { channel.eventLoop }
    private let channel: any Channel
    /// When it was made, negative, while it is silent; when its last answer was written; 0 while a request is answered.
    private let state: Atomic<Int64>

    init(_ channel: any Channel, key: String, isSurplus: Bool, at now: NIODeadline) {
        self.channel = channel
        self.key = key
        self.isSurplus = isSurplus
        state = Atomic(-Int64(clamping: now.uptimeNanoseconds))
    }

    func asks() { state.store(0, ordering: .relaxed) }

    func rests(at now: NIODeadline) { state.store(Int64(clamping: now.uptimeNanoseconds), ordering: .relaxed) }

    /// Whether and since when it rests or is silent.
    func rest(at now: NIODeadline) -> Rest? {
        let value = state.load(ordering: .relaxed)
        if value == 0 { return nil }
        let since = NIODeadline.uptimeNanoseconds(value.magnitude)
        if value < 0 { return .silent(since: since) }
        return now - since >= Self.pause ? .resting(since: since) : nil
    }

    /// How long after an answer a connection begins to rest: clients that ask for one thing after the other keep theirs.
    static let pause = TimeAmount.seconds(1)

    /// Closes it on its event loop, where requests are read, unless it has something to do again and may stay for that.
    func close(unless mayStay: @escaping @Sendable () -> Bool) {
        @Sendable func look() {
            // One that was chosen before it was active is closed like any other; closing one that is closed already does nothing.
            if channel.isActive, rest(at: .now()) == nil, mayStay() { return }
            channel.close(promise: nil)
        }
        if eventLoop.inEventLoop { look() } else { eventLoop.execute(look) }
    }
}

/// Says when something is worth a line in the log again: once a minute.
final class RareWarning: Sendable {
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    /// Whether a minute has passed since this was last true.
    func isDue() -> Bool {
        let now = ContinuousClock.now
        return last.withLock { last in
            if let last, now - last < .seconds(60) { return false }
            last = now
            return true
        }
    }
}

import HearthRuntime
import HearthStore
import Logging
public import MatrixModel
import RoomRules
public import ServiceLifecycle
import SubscriptionCore

/// Why a peek cannot be made or ended.
public enum PeekError: Error, Equatable {
    /// 404 `M_NOT_FOUND`.
    case unknownRoom
    /// 404 `M_NOT_FOUND`: a user who was named has no profile room here.
    case unknownUser
    /// 403 `M_FORBIDDEN`: the room's history is not world readable.
    case notWorldReadable
    /// 403 `M_FORBIDDEN`: the user is banned from the room.
    case banned
    /// 400 `M_BAD_STATE`: a member needs no peek.
    case joinedAlready
    /// 400 `M_BAD_STATE`.
    case notPeeking
    /// 429 `M_LIMIT_EXCEEDED`.
    case tooMany(limit: Int)
}

/// The settings of peeks.
public struct PeekSettings: Sendable {
    public var lifetime: Duration
    public var mostPerDevice: Int

    public init(lifetime: Duration = .seconds(3600), mostPerDevice: Int = 2_000) {
        self.lifetime = lifetime
        self.mostPerDevice = mostPerDevice
    }
}

/// Peeks (MSC2753): a device reads a room along in its /sync that its user has not joined.
///
/// The life of a peek: started -> (renewed)* -> ended, by the device, by its time, by a join or another change of
/// the user's own membership, or because the room is no longer readable.
/// Start and end have stream positions and are rows in the store, so that a sync from the same `since` tells the same again and peeks
/// survive restarts. ``run()`` ends peeks whose time is over.
public final class PeekService: Service {
    private static let longestSleep: Duration = .seconds(60)

    let clock: any ServerClock
    let audience: PresenceAudience
    let writer: RoomWriter
    private let notifier: StreamNotifier
    let settings: PeekSettings
    private let logger: Logger
    let alarm: Alarm

    init(
        clock: any ServerClock, audience: PresenceAudience, writer: RoomWriter, notifier: StreamNotifier, settings: PeekSettings,
        logger: Logger
    ) {
        self.clock = clock
        self.audience = audience
        self.writer = writer
        self.notifier = notifier
        self.settings = settings
        self.logger = logger
        alarm = Alarm(clock: clock)
    }

    /// A peek that was started or renewed.
    public struct Answer: Sendable {
        public let room: RoomID
        public let expires: MatrixTimestamp
    }

    /// Starts a peek, or renews the one there is.
    public func peek(_ target: RoomIDOrAlias, by device: DeviceKey) async throws -> Answer {
        let (settings, audience) = (settings, audience)
        let answer = try await writer.perform { context in
            try context.requireDevice(device)
            let room = try Self.resolve(target, in: context)
            let peeks = context.transaction.peeks
            let live = try peeks.live(of: device.user, in: room).first { $0.device == device }
            return try Self.peek(
                room, by: device, renewing: live, liveCount: try peeks.count(of: device, atMost: settings.mostPerDevice),
                settings: settings, audience: audience, context: context)
        }
        alarm.ring()
        return answer
    }

    /// Starts one peek inside an operation, or renews the one there is. What throws a ``PeekError`` has written nothing.
    static func peek(
        _ room: RoomID, by device: DeviceKey, renewing live: StoredPeek?, liveCount: @autoclosure () throws -> Int,
        settings: PeekSettings, audience: PresenceAudience, context: WriteContext
    ) throws -> Answer {
        try check(room, for: device.user, context: context)
        let expires = context.now.wall.advanced(by: settings.lifetime)
        if let live {
            try context.transaction.peeks.renew(started: live.started, until: expires)
            context.tell(.peekRenewed(device, room, expires: expires))
            return Answer(room: room, expires: expires)
        }
        guard try liveCount() < settings.mostPerDevice else { throw PeekError.tooMany(limit: settings.mostPerDevice) }
        let position = context.nextPosition()
        let laneSince = try audience.seesLane(of: room, device.user, in: context) ? position : nil
        try context.transaction.peeks.insert(
            StoredPeek(device: device, room: room, started: position, expires: expires, laneSince: laneSince))
        context.tell(.peekStarted(Peek(device: device, room: room, started: position, expires: expires, laneSince: laneSince)))
        return Answer(room: room, expires: expires)
    }

    public func unpeek(_ room: RoomID, by device: DeviceKey) async throws {
        try await writer.perform { context in
            guard let live = try context.transaction.peeks.live(of: device.user, in: room).first(where: { $0.device == device })
            else { throw PeekError.notPeeking }
            try PeekRules.end(live, reason: .unpeeked, context: context)
        }
    }

    /// Ends ``run()``.
    public func stop() { alarm.silence() }

    /// Ends peeks when their time is over, until the server stops.
    public func run() async throws {
        await TimedLoop(alarm).run { await endNext() == 0 ? .sleep(nextExpiry()) : .turn }
    }

    /// How long to sleep: until the next expiry, but never so long that a wall clock that was set goes unnoticed.
    private func nextExpiry() -> Duration? {
        notifier.ask { $0.nextPeekExpiry }.map { expiry in
            let left = expiry.milliseconds - clock.now().wall.milliseconds
            return min(max(.milliseconds(left), .milliseconds(10)), Self.longestSleep)
        }
    }

    /// Ends the next peeks whose time is over, in one operation; returns how many were due.
    func endNext() async -> Int {
        let now = clock.now().wall
        let expired = notifier.update { $0.takeExpiredPeeks(by: now) }
        if expired.isEmpty { return 0 }
        do {
            try await writer.perform { context in
                for peek in expired {
                    try context.passingOver(peek.device.user) {
                        let stored = try context.transaction.peeks.live(of: peek.device.user, in: peek.room)
                        guard let live = stored.first(where: { $0.started == peek.started && $0.expires <= now }) else { return }
                        try PeekRules.end(live, reason: .expired, context: context)
                    }
                }
            }
        } catch {
            logger.warning("expired peeks could not be ended; they end at the next try", metadata: ["reason": "\(error)"])
        }
        // What lives on is due again, a little later.
        notifier.update { engine in
            for peek in expired {
                guard let live = engine.livePeek(of: peek.device, in: peek.room), live.started == peek.started else { continue }
                if live.expires <= now { engine.putBack(live, until: now.advanced(by: .seconds(5))) }
            }
        }
        return expired.count
    }

    private static func resolve(_ target: RoomIDOrAlias, in context: WriteContext) throws -> RoomID {
        switch target {
        case .id(let room): room
        case .alias(let alias): try context.transaction.aliases.room(alias)?.roomID ?? { throw PeekError.unknownRoom }()
        }
    }

    /// Whether a user may peek: the room is world readable, the user not banned from it, and has not joined it (one's own profile room, of
    /// which one is a member, excepted).
    private static func check(_ room: RoomID, for user: UserID, context: WriteContext) throws {
        guard let memory = try context.room(room) else { throw PeekError.unknownRoom }
        switch try context.membership(of: user, in: room) {
        case .join? where memory.record.profileOwner != user: throw PeekError.joinedAlready
        case .ban?: throw PeekError.banned
        default: break
        }
        guard try context.state(.historyVisibility, in: room)?.content["history_visibility"] == "world_readable" else {
            throw PeekError.notWorldReadable
        }
    }
}

import Figures
import Foundation
import MatrixModel
import PresenceCore

/// The presence engine alone, on one thread: memory a user and signals a second.
///
/// Everybody is registered and stands published offline; then some come online with a device each. A signal is one fact: a sync began or
/// ended, a PUT, an activity. What is due is published at once, as the writer would.
struct EngineBench {
    let users: Int
    let seconds: Double
    /// How many of the users send signals.
    private var senders: Int { min(users, 200_000) }
    private var name: String { "engine of \(users)" }

    func run(_ report: Report) throws {
        let empty = try ProcessUsage.now(of: [ProcessInfo.processInfo.processIdentifier]).memory
        var clock = BenchClock()
        var engine = PresenceEngine(settings: PresenceSettings(), startedAt: clock.now)
        let restoring = CPUTime()
        for number in 0..<users {
            engine.restore(
                RestoredUser(
                    user: SampleEvent.user(number), manual: nil, published: .offline,
                    lastOnline: MatrixTimestamp(milliseconds: 1_759_000_000_000 + Int64(number)), devices: []),
                at: clock.now)
        }
        consume(engine.deadlineReached(at: clock.now))
        report.figure("restore a user", restoring.microseconds / Double(users), "us", in: name)
        let atRest = try ProcessUsage.now(of: [ProcessInfo.processInfo.processIdentifier]).memory
        report.figure("RSS a user at rest", Double(atRest - empty) * 1_024 / Double(users), "bytes", in: name)

        // Spread over all users, so that no cache holds them.
        let stride = users / senders
        let devices = (0..<senders).map { number in
            DeviceKey(user: SampleEvent.user(number * stride), device: SampleEvent.made(DeviceID("LHJIOGZJSQ")))
        }.shuffled()
        let before = try ProcessUsage.now(of: [ProcessInfo.processInfo.processIdentifier]).memory
        var held: [SyncHandle] = []
        for device in devices {
            let (handle, actions) = engine.syncStarted(device, claim: .explicit(.online), at: clock.now)
            act(actions, on: &engine, clock)
            held.append(handle)
        }
        _ = engine.takeChangedContacts()
        let online = try ProcessUsage.now(of: [ProcessInfo.processInfo.processIdentifier]).memory
        report.figure(
            "RSS a device that comes online", Double(online - before) * 1_024 / Double(senders), "bytes", in: name,
            note: "\(senders) devices")

        try signals(of: devices, on: &engine, &clock, report)
        try signals(of: Array(devices.prefix(1_000)), on: &engine, &clock, report)
        for handle in held { act(engine.syncEnded(handle, at: clock.now), on: &engine, clock) }
        let falls = CPUTime()
        for seconds in [400, 100] {
            clock.now.monotonic = clock.now.monotonic.advanced(by: .seconds(seconds))
            act(engine.deadlineReached(at: clock.now), on: &engine, clock)
        }
        report.figure("a device that fades, with its falls", falls.microseconds / Double(senders), "us", in: name)
    }

    /// Signals of these devices in turn: of many, none is in a cache when its turn comes; of few, all are.
    private func signals(of devices: [DeviceKey], on engine: inout PresenceEngine, _ clock: inout BenchClock, _ report: Report)
        throws
    {
        let note = "\(devices.count) devices in turn"
        var next = 0
        func device() -> DeviceKey {
            next = next + 1 == devices.count ? 0 : next + 1
            return devices[next]
        }
        let polls = CPUTime.each(seconds: seconds) {
            clock.advance()
            let (handle, actions) = engine.syncStarted(device(), claim: .explicit(.online), at: clock.now)
            act(actions, on: &engine, clock)
            act(engine.syncEnded(handle, at: clock.now), on: &engine, clock)
        }
        report.figure("polls: signals a second of CPU", 2_000_000 / polls, "/s", in: name, note: note)
        var isBusy = false
        var turn = 0
        let puts = try CPUTime.each(seconds: seconds) {
            clock.advance()
            if turn % devices.count == 0 { isBusy.toggle() }
            turn += 1
            act(
                try engine.put(PresencePut(presence: isBusy ? .busy : .online), from: device(), at: clock.now), on: &engine, clock
            )
        }
        report.figure("PUTs that are published: signals a second of CPU", 1_000_000 / puts, "/s", in: name, note: note)
        let activities = CPUTime.each(seconds: seconds) {
            clock.advance()
            act(engine.activityHappened(on: device(), at: clock.now), on: &engine, clock)
        }
        report.figure("activities: signals a second of CPU", 1_000_000 / activities, "/s", in: name, note: note)
    }

    private func act(_ actions: [PresenceAction], on engine: inout PresenceEngine, _ clock: BenchClock) {
        for case .publish(let user) in actions {
            guard let due = engine.duePublication(of: user, at: clock.now) else { continue }
            engine.published(due, of: user, at: clock.now)
        }
    }
}

/// A clock that goes on by a little with each signal.
struct BenchClock {
    var now = Now(monotonic: MonotonicTime(nanoseconds: 1_000_000_000), wall: MatrixTimestamp(milliseconds: 1_760_000_000_000))

    mutating func advance() { now.monotonic.nanoseconds += 200 }
}

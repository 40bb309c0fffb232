import MatrixModel
import PresenceCore

/// An engine with many users, and devices of some of them that send signals in turn.
final class EngineLoad {
    private var engine: PresenceEngine
    private var now = Now(
        monotonic: MonotonicTime(nanoseconds: 1_000_000_000), wall: MatrixTimestamp(milliseconds: 1_760_000_000_000))
    private let users: Int
    private var devices: [DeviceKey] = []
    private var held: [SyncHandle] = []
    private var turn = 0
    private var isBusy = false

    init(users: Int) {
        self.users = users
        engine = PresenceEngine(settings: PresenceSettings(), startedAt: now)
        for number in 0..<users {
            engine.restore(
                RestoredUser(
                    user: SampleEvent.user(number), published: .offline,
                    lastOnline: MatrixTimestamp(milliseconds: 1_759_000_000_000 + Int64(number)), devices: []),
                stoppedAt: now.wall, at: now)
        }
        _ = engine.deadlineReached(at: now)
    }

    /// Makes devices of users spread over all, so that no cache holds them.
    func prepareDevices(_ count: Int) {
        devices = (0..<count).map { number in
            DeviceKey(user: SampleEvent.user(number * (users / count)), device: SampleEvent.made(DeviceID("LHJIOGZJSQ")))
        }.shuffled()
    }

    /// Begins a sync of each device.
    func comeOnline() {
        for device in devices {
            let (handle, actions) = engine.syncStarted(device, claim: .explicit(.online), at: now)
            publish(actions)
            held.append(handle)
        }
        _ = engine.takeChangedContacts()
    }

    func comeOnline(_ count: Int) {
        prepareDevices(count)
        comeOnline()
    }

    /// Leaves the turns to so many of the devices.
    func take(_ count: Int) { devices = Array(devices.prefix(count)) }

    /// Ends all syncs and lets the devices fade.
    func fade() {
        for handle in held { publish(engine.syncEnded(handle, at: now)) }
        for seconds in [400, 100] {
            now.monotonic = now.monotonic.advanced(by: .seconds(seconds))
            publish(engine.deadlineReached(at: now))
        }
    }

    // MARK: Signals

    /// A sync begins and ends.
    func poll() {
        let (handle, actions) = engine.syncStarted(next(), claim: .explicit(.online), at: now)
        publish(actions)
        publish(engine.syncEnded(handle, at: now))
    }

    /// A PUT that differs from the device's last.
    func put() throws {
        let device = next()
        publish(try engine.put(PresencePut(presence: isBusy ? .busy : .online), from: device, at: now))
    }

    func act() { publish(engine.activityHappened(on: next(), at: now)) }

    private func next() -> DeviceKey {
        now.monotonic.nanoseconds += 200
        turn += 1
        if turn == devices.count {
            turn = 0
            isBusy.toggle()
        }
        return devices[turn]
    }

    private func publish(_ actions: [PresenceAction]) {
        for case .publish(let user) in actions {
            guard let due = engine.duePublication(of: user, at: now) else { continue }
            engine.published(due, of: user, at: now)
        }
    }
}

import Foundation
import MatrixModel
import PresenceCore
import Testing

@Suite("Random walks beside the naive model")
struct WalkTests {
    static let steps = ProcessInfo.processInfo.environment["HEARTH_WALK_STEPS"].flatMap { Int($0) } ?? 20_000

    @Test("the engine publishes what the model publishes, when it does", arguments: 1...4 as ClosedRange<UInt64>)
    func walk(seed: UInt64) {
        var walker = Walker(seed: seed)
        for step in 0..<Self.steps / 4 {
            let fact = walker.step()
            guard walker.agrees else {
                Issue.record("seed \(seed), step \(step), after \(fact): \(walker.difference)")
                return
            }
        }
        #expect(walker.publications > Self.steps / 40, "seed \(seed): a walk in which little happens shows little")
    }
}

/// Feeds the engine and the model with the same facts.
struct Walker {
    private var random: SeededGenerator
    private var engine: PresenceEngine
    private var model: NaiveModel
    private var now: Now
    private var handles: [(number: Int, user: String, device: String, handle: SyncHandle)] = []
    private var lastNumber = 0
    private(set) var publications = 0
    private(set) var difference = ""

    // What a store would hold.
    private var contacts: [String: [String: Int64]] = [:]
    private var stored: Int64
    private var choices: [String: ManualChoice] = [:]
    private var shown: [String: [NaiveModel.Published]] = [:]

    static let names = ["alice", "bob", "carol"]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        now = Now(monotonic: .init(nanoseconds: 10_000_000_000_000), wall: .init(milliseconds: Scene.wallStart))
        stored = now.wall.milliseconds
        engine = PresenceEngine(settings: Self.settings, startedAt: now)
        model = NaiveModel(users: Self.names, wall: now.wall.milliseconds)
    }

    private static var settings: PresenceSettings {
        let periods = NaiveModel.periods
        return PresenceSettings(
            deviceGrace: .seconds(periods.grace), reachableFor: .seconds(periods.reachable),
            busyDeviceGrace: .seconds(periods.busyGrace), idleAfter: .seconds(periods.idle), settle: .seconds(periods.settle),
            longestSettle: .seconds(periods.longestSettle), fallWindow: .seconds(periods.window),
            pusherReachableFor: .seconds(periods.pusher), busyExpiresAfter: .seconds(periods.busyExpires),
            unavailableExpiresAfter: .seconds(periods.unavailableExpires))
    }

    // MARK: Steps

    /// Lets one thing happen and some time pass.
    mutating func step() -> String {
        let name = Self.names.randomElement(using: &random)!
        let device = ["A", "B", "C"].randomElement(using: &random)!
        if Int.random(in: 0..<8, using: &random) == 0 { writeThatFails(name, device) }
        let fact = happen(name, device)
        note()
        if !agrees { return "\(fact) of \(name) \(device)" }
        let seconds = Int.random(in: 0..<20, using: &random) == 0 ? 200 : 9
        for _ in 0..<Int.random(in: 0...seconds, using: &random) {
            secondPasses()
            if !agrees { return "\(fact) of \(name) \(device), some seconds" }
        }
        return "\(fact) of \(name) \(device)"
    }

    private mutating func happen(_ name: String, _ device: String) -> String {
        let key = Scene.device(device, of: Scene.user(name))
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30:
            let claim: SyncClaim = [
                .silent, .impliedOnline, .impliedOnline, .explicit(.online), .explicit(.unavailable), .explicit(.busy),
            ].randomElement(using: &random)!
            lastNumber += 1
            let (handle, actions) = engine.syncStarted(key, claim: claim, at: now)
            apply(actions)
            model.syncStarted(name, device, number: lastNumber, claim: claim)
            handles.append((lastNumber, name, device, handle))
            return "a sync claiming \(claim)"
        case 30..<62:
            guard let index = handles.indices.randomElement(using: &random) else { return "nothing" }
            let sync = handles.remove(at: index)
            apply(engine.syncEnded(sync.handle, at: now))
            model.syncEnded(sync.user, sync.device, number: sync.number)
            return "the end of a sync of \(sync.user) \(sync.device)"
        case 62..<70:
            apply(engine.activityHappened(on: key, at: now))
            model.activity(name, device)
            return "activity"
        case 70..<88:
            let put = anyPut()
            if let actions = try? engine.put(put, from: key, at: now) {
                apply(actions)
                choices[name] = engine.manualChoice(of: key.user)
            }
            model.put(name, device, put)
            return "\(put)"
        case 88..<91:
            apply(engine.manualChoiceCleared(of: key.user, at: now))
            choices[name] = engine.manualChoice(of: key.user)
            model.cleared(name)
            return "clearing"
        case 91..<94:
            apply(engine.deviceLoggedOut(key, at: now))
            contacts[name]?[device] = nil
            model.loggedOut(name, device)
            return "log-out"
        case 94..<97:
            let isWorking = Bool.random(using: &random)
            apply(engine.pusherChanged(of: key, isWorking: isWorking, at: now))
            model.pusher(name, device, isWorking: isWorking)
            return "a pusher that \(isWorking ? "works" : "fails")"
        case 97:
            now.wall = now.wall.advanced(by: .seconds(Int.random(in: -30...30, using: &random)))
            model.wall = now.wall.milliseconds
            apply(engine.deadlineReached(at: now))
            model.look()
            return "a jump of the wall clock"
        default:
            restart()
            return "a restart"
        }
    }

    private mutating func anyPut() -> PresencePut {
        PresencePut(
            presence: Presence.allCases.randomElement(using: &random)!,
            expires: Int.random(in: 0..<3, using: &random) == 0
                ? now.wall.advanced(by: .seconds(Int.random(in: -2...40, using: &random))) : nil,
            isManual: Int.random(in: 0..<3, using: &random) == 0, hasStatusText: Int.random(in: 0..<3, using: &random) == 0)
    }

    /// A put, or a clearing, whose commit fails: of it nothing may stay, and the model never hears of it.
    private mutating func writeThatFails(_ name: String, _ device: String) {
        let key = Scene.device(device, of: Scene.user(name))
        let checkpoint = engine.checkpoint(of: key.user)
        if Bool.random(using: &random) {
            _ = try? engine.put(anyPut(), from: key, at: now)
        } else {
            _ = engine.manualChoiceCleared(of: key.user, at: now)
        }
        let inner = engine.checkpoint(of: key.user)
        if let due = engine.duePublication(of: key.user, at: now) { engine.published(due, of: key.user, at: now) }
        for checkpoint in Bool.random(using: &random) ? [checkpoint, inner] : [inner, checkpoint] {
            engine.rollBack(to: checkpoint, at: now)
            engine.publishFailed(of: key.user, at: now)
        }
    }

    private mutating func restart() {
        // A server that is killed knows of the last minute nothing.
        if Bool.random(using: &random) { storeContacts() }
        let standing = model.users.mapValues { $0.published ?? .offline }
        for _ in 0..<Int.random(in: 0...100, using: &random) { advance() }
        handles = []
        engine = PresenceEngine(settings: Self.settings, startedAt: now)
        for name in Self.names.shuffled(using: &random) {
            let user = model.users[name]
            engine.restore(
                RestoredUser(
                    user: Scene.user(name), manual: choices[name], published: user?.published,
                    lastOnline: user?.lastOnline.map { .init(milliseconds: $0) },
                    devices: (contacts[name] ?? [:]).map {
                        RestoredDevice(
                            id: DeviceID($0.key)!, lastContact: .init(milliseconds: $0.value),
                            hasWorkingPusher: user?.devices[$0.key]?.pusher ?? false)
                    }),
                stoppedAt: .init(milliseconds: stored), at: now)
        }
        let soft = choices.compactMapValues { $0.softDevice?.rawValue }
        model.restarted(contacts: contacts, stopped: stored, softDevices: soft)
        apply(engine.deadlineReached(at: now))
        for name in Self.names where !hasPusher(name) && model.users[name]?.published ?? .offline > standing[name] ?? .offline {
            difference = "a start raised \(name)"
        }
    }

    private func hasPusher(_ name: String) -> Bool { model.users[name]?.devices.values.contains(where: \.pusher) ?? false }

    // MARK: The shell

    private mutating func advance() {
        now.monotonic = now.monotonic.advanced(by: .seconds(1))
        now.wall = now.wall.advanced(by: .seconds(1))
        model.wall = now.wall.milliseconds
    }

    private mutating func secondPasses() {
        advance()
        model.secondPassed()
        if engine.nextDeadline.map({ $0 <= now.monotonic }) ?? false || engine.nextExpiry.map({ $0 <= now.wall }) ?? false {
            apply(engine.deadlineReached(at: now))
        }
        compare()
    }

    private mutating func apply(_ actions: [PresenceAction]) {
        for action in actions {
            switch action {
            case .storeManualChoice(let user):
                choices[String(user.localpart)] = engine.manualChoice(of: user)
            case .publish(let user):
                guard let due = engine.duePublication(of: user, at: now) else { continue }
                engine.published(due, of: user, at: now)
                shown[String(user.localpart), default: []].append(
                    .init(presence: due.presence, lastActive: due.lastActive?.milliseconds, at: now.wall.milliseconds))
            }
        }
    }

    private mutating func storeContacts() {
        stored = now.wall.milliseconds
        for (device, time) in engine.takeChangedContacts() {
            contacts[String(device.user.localpart), default: [:]][device.device.rawValue] = time.milliseconds
        }
    }

    // MARK: Comparing

    var agrees: Bool { difference.isEmpty }

    private mutating func note() {
        engine.checkInvariants()
        compare()
        for name in Self.names where choices[name] != engine.manualChoice(of: Scene.user(name)) {
            difference += "the stored choice of \(name) is \(choices[name] as Any); "
        }
    }

    private mutating func compare() {
        for name in Self.names {
            let ours = shown[name] ?? []
            let theirs = model.users[name]?.shown ?? []
            if ours != theirs { difference += "\(name) was shown as \(ours), not \(theirs); " }
            publications += ours.count
            shown[name] = []
            model.users[name]?.shown = []
            let presence = engine.effective(of: Scene.user(name), at: now).presence
            if presence != model.effective(name) { difference += "\(name) is \(presence), not \(model.effective(name)); " }
            let choice = engine.manualChoice(of: Scene.user(name)).map {
                NaiveModel.Choice(presence: $0.presence, expires: $0.expires?.milliseconds, isSoft: $0.isSoft)
            }
            if choice != model.users[name]?.choice { difference += "\(name) chose \(choice as Any); " }
        }
    }
}

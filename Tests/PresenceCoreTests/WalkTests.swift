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
    private var choices: [String: PresenceChoices] = [:]
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
                choices[name] = engine.choices(of: key.user)
            }
            model.put(name, device, put)
            return "\(put)"
        case 88:
            apply(engine.choicesDeleted(of: key.user, at: now))
            choices[name] = engine.choices(of: key.user)
            model.cleared(name)
            return "a deletion of all choices"
        case 89:
            apply(engine.choicesDeleted(of: key.user, device: key.device, at: now))
            choices[name] = engine.choices(of: key.user)
            model.cleared(name, device)
            return "a deletion of the device's choices"
        case 90:
            let writer = Int.random(in: 0..<4, using: &random) == 0 ? nil : device
            if Bool.random(using: &random) {
                apply(engine.callWritten(by: writer.flatMap { DeviceID($0) }, of: key.user, at: now))
                model.calls(name, writer)
                return "a call of \(writer ?? "nobody known")"
            }
            apply(engine.callRemoved(of: key.user, at: now))
            model.hangsUp(name)
            return "the end of a call"
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
            isManual: Int.random(in: 0..<3, using: &random) == 0, hasStatus: Int.random(in: 0..<3, using: &random) == 0)
    }

    /// A put, or a clearing, whose commit fails: of it nothing may stay, and the model never hears of it.
    private mutating func writeThatFails(_ name: String, _ device: String) {
        let key = Scene.device(device, of: Scene.user(name))
        let checkpoint = engine.checkpoint(of: key.user)
        if Bool.random(using: &random) {
            _ = try? engine.put(anyPut(), from: key, at: now)
        } else {
            _ = engine.choicesDeleted(of: key.user, at: now)
        }
        let inner = engine.checkpoint(of: key.user)
        if let due = engine.duePublication(of: key.user, at: now) { engine.published(due, of: key.user, at: now) }
        for checkpoint in Bool.random(using: &random) ? [checkpoint, inner] : [inner, checkpoint] {
            apply(engine.rollBack(to: checkpoint, at: now))
            engine.publishFailed(of: key.user, at: now)
        }
    }

    private mutating func restart() {
        // A server that is killed knows of the last minute nothing.
        if Bool.random(using: &random) { storeContacts() }
        let standing = model.users.mapValues { $0.published ?? .offline }
        for _ in 0..<Int.random(in: 0...100, using: &random) { advance() }
        handles = []
        var calls: [String: CallClaim] = [:]
        for name in Self.names { calls[name] = engine.call(of: Scene.user(name)) }
        engine = PresenceEngine(settings: Self.settings, startedAt: now)
        for name in Self.names.shuffled(using: &random) {
            let user = model.users[name]
            engine.restore(
                RestoredUser(
                    user: Scene.user(name), choices: choices[name] ?? PresenceChoices(), call: calls[name],
                    published: user?.published,
                    lastOnline: user?.lastOnline.map { .init(milliseconds: $0) },
                    devices: (contacts[name] ?? [:]).map {
                        RestoredDevice(
                            id: DeviceID($0.key)!, lastContact: .init(milliseconds: $0.value),
                            hasWorkingPusher: user?.devices[$0.key]?.pusher ?? false)
                    }),
                stoppedAt: .init(milliseconds: stored), at: now)
        }
        model.restarted(contacts: contacts, stopped: stored)
        apply(engine.deadlineReached(at: now))
        for name in Self.names where !hasPusher(name) && model.users[name]?.published ?? .offline > standing[name] ?? .offline {
            // Only a device's busy comes back, when what covered it ended meanwhile.
            if engine.choices(of: Scene.user(name)).inForce(at: now.wall)?.presence == .busy { continue }
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
            case .storeChoices(let user): choices[String(user.localpart)] = engine.choices(of: user)
            case .removeCall(let user):
                if engine.call(of: user) != nil { difference += "a call of \(user) is over and stands; " }
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
        for name in Self.names where (choices[name] ?? PresenceChoices()) != engine.choices(of: Scene.user(name)) {
            difference += "the stored choices of \(name) are \(choices[name] as Any); "
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
            let choices = engine.choices(of: Scene.user(name)).all
            let devices = choices.filter { !$0.isAway && $0.maker != .user }.map {
                ($0.maker.device?.rawValue ?? "", Self.naive($0))
            }
            if Dictionary(uniqueKeysWithValues: devices) != model.users[name]?.byDevice {
                difference += "\(name)'s devices chose \(devices); "
            }
            let own = choices.first { $0.maker == .user }.map(Self.naive)
            if own != model.users[name]?.own { difference += "\(name) chose \(own as Any); " }
            let away = choices.first(where: \.isAway)?.maker.device?.rawValue
            if away != model.users[name]?.away { difference += "\(name)'s \(away ?? "nothing") went away; " }
            let call = engine.call(of: Scene.user(name))
            if call?.written.milliseconds != model.users[name]?.call?.written {
                difference += "\(name) has the call \(call as Any); "
            }
        }
    }

    private static func naive(_ choice: PresenceChoice) -> NaiveModel.Choice {
        NaiveModel.Choice(
            presence: choice.presence, expires: choice.expires?.milliseconds, inBackground: choice.isInBackground,
            untilItSyncs: choice.endsWithSync)
    }
}

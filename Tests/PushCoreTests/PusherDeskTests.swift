import MatrixModel
import Testing

@testable import PushCore

@Suite("Pushers at their desk")
struct PusherDeskTests {
    private static let phone = PusherKey(user: Names.alice, appID: "app", pushkey: "phone")
    private static let tablet = PusherKey(user: Names.alice, appID: "app", pushkey: "tablet")
    private static let device = DeviceID("PHONE")!

    /// A desk with a clock; actions are named by what they are about.
    private struct Scene {
        var desk: PusherDesk
        var seconds: Int64 = 0
        var tickets: [PusherKey: PusherTicket] = [:]

        init(mostInFlight: Int = 64) { desk = PusherDesk(mostInFlight: mostInFlight) }

        var now: Now {
            Now(
                monotonic: MonotonicTime(nanoseconds: seconds * 1_000_000_000),
                wall: MatrixTimestamp(milliseconds: 1_000_000 + seconds * 1000))
        }

        mutating func set(_ key: PusherKey, at position: Int64 = 10, health: PusherHealth? = nil) {
            desk.set(
                key, device: PusherDeskTests.device, gateway: "gateway", position: StreamPosition(position), health: health)
        }

        /// All actions that can be had now.
        mutating func actions() -> [String] {
            var texts: [String] = []
            while let action = desk.next(at: now) {
                tickets[action.ticket.pusher] = action.ticket
                switch action {
                case .read(let ticket, let position): texts.append("\(ticket.pusher.pushkey) reads after \(position.rawValue)")
                case .deliver(let ticket, let position): texts.append("\(ticket.pusher.pushkey) sends \(position.rawValue)")
                }
            }
            return texts
        }

        mutating func read(_ key: PusherKey, _ positions: Int64..., isComplete: Bool = true) {
            desk.wasRead(tickets[key]!, positions.map { StreamPosition($0) }, isComplete: isComplete)
        }

        mutating func delivered(_ key: PusherKey) { desk.delivered(tickets[key]!, at: now) }
        mutating func failed(_ key: PusherKey, isGateway: Bool = true) {
            desk.failed(tickets[key]!, at: now, isGateway: isGateway)
        }
        mutating func noticed(_ position: Int64) { desk.noticed([Names.alice], at: StreamPosition(position)) }

        /// A pusher that has read and has nothing to do.
        mutating func settled(_ key: PusherKey) {
            set(key)
            _ = actions()
            read(key)
        }

        mutating func working() -> [Bool] { desk.takeWorkingChanges(at: now.wall).map(\.isWorking) }
        mutating func progress() -> [Int64] { desk.takeProgress().map(\.position.rawValue) }
    }

    @Test("a pusher reads what it missed, then sends in order, one at a time")
    func order() {
        var scene = Scene()
        scene.set(Self.phone)
        #expect(scene.actions() == ["phone reads after 10"])
        scene.read(Self.phone, 12, 15)
        #expect(scene.actions() == ["phone sends 12"])
        scene.noticed(16)
        #expect(scene.actions() == [])
        scene.delivered(Self.phone)
        #expect(scene.actions() == ["phone sends 15"])
        scene.delivered(Self.phone)
        #expect(scene.actions() == ["phone sends 16"])
        scene.delivered(Self.phone)
        #expect(scene.actions() == [])
        #expect(scene.progress() == [16])
        #expect(scene.progress() == [])
    }

    @Test("what comes while the store is being read is not lost")
    func duringRead() {
        var scene = Scene()
        scene.set(Self.phone)
        #expect(scene.actions() == ["phone reads after 10"])
        scene.noticed(11)
        scene.read(Self.phone)
        #expect(scene.actions() == ["phone reads after 10"])
        scene.read(Self.phone, 11)
        #expect(scene.actions() == ["phone sends 11"])
    }

    @Test("what does not fit into memory is read from the store")
    func overflow() {
        var scene = Scene()
        scene.settled(Self.phone)
        for position in 11..<(11 + Int64(PusherDesk.mostPending) + 5) { scene.noticed(position) }
        for position in 11..<(11 + Int64(PusherDesk.mostPending)) {
            #expect(scene.actions() == ["phone sends \(position)"])
            scene.delivered(Self.phone)
        }
        #expect(scene.actions() == ["phone reads after 110"])
        scene.read(Self.phone, 111, 112, 113, 114, 115)
        #expect(scene.actions() == ["phone sends 111"])
    }

    @Test("after a failure it waits longer each time, up to an hour, and then goes on with the same")
    func backoff() {
        var scene = Scene()
        scene.settled(Self.phone)
        scene.noticed(11)
        for delay in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600] as [Int64] {
            #expect(scene.actions() == ["phone sends 11"])
            scene.failed(Self.phone)
            scene.noticed(12)
            #expect(scene.actions() == [])
            #expect(scene.desk.nextDeadline(at: scene.now) == scene.now.monotonic.advanced(by: .seconds(delay)))
            scene.seconds += delay
        }
        #expect(scene.actions() == ["phone sends 11"])
        scene.delivered(Self.phone)
        #expect(scene.actions() == ["phone sends 12"])
        scene.failed(Self.phone)
        #expect(scene.desk.nextDeadline(at: scene.now) == scene.now.monotonic.advanced(by: .seconds(1)))
    }

    @Test("a failure of the store is tried again and not held against the pusher")
    func storeFailure() {
        var scene = Scene()
        scene.set(Self.phone)
        #expect(scene.working() == [true])
        #expect(scene.actions() == ["phone reads after 10"])
        scene.failed(Self.phone, isGateway: false)
        #expect(scene.working() == [])
        #expect(scene.actions() == [])
        scene.seconds += 1
        #expect(scene.actions() == ["phone reads after 10"])
    }

    @Test("no more than so many at a time, and nobody is forgotten")
    func inFlight() {
        var scene = Scene(mostInFlight: 1)
        scene.set(Self.phone)
        scene.set(Self.tablet)
        #expect(scene.actions() == ["phone reads after 10"])
        scene.read(Self.phone, 11)
        #expect(scene.actions() == ["tablet reads after 10"])
        scene.read(Self.tablet)
        #expect(scene.actions() == ["phone sends 11"])
        scene.desk.remove(Self.phone)
        scene.noticed(12)
        #expect(scene.actions() == [], "what is under way keeps its place though its pusher is gone")
        scene.delivered(Self.phone)
        #expect(scene.actions() == ["tablet sends 12"])
    }

    @Test("the answer for a pusher that is gone changes nothing at one of the same name")
    func replaced() {
        var scene = Scene()
        scene.settled(Self.phone)
        scene.noticed(11)
        #expect(scene.actions() == ["phone sends 11"])
        let old = scene.tickets[Self.phone]!
        scene.desk.remove(Self.phone)
        scene.set(Self.phone)
        #expect(scene.actions() == ["phone reads after 10"])
        scene.desk.failed(old, at: scene.now, isGateway: true)
        scene.desk.delivered(old, at: scene.now)
        #expect(scene.progress() == [])
        scene.read(Self.phone, 11)
        #expect(scene.actions() == ["phone sends 11"])
    }

    @Test("a device's pusher stops working with a failure, and works again with a success or after a day")
    func working() {
        var scene = Scene()
        scene.settled(Self.phone)
        #expect(scene.working() == [true])
        scene.noticed(11)
        _ = scene.actions()
        scene.failed(Self.phone)
        #expect(scene.working() == [false])
        scene.seconds += 1
        _ = scene.actions()
        scene.delivered(Self.phone)
        #expect(scene.working() == [true])
        scene.noticed(12)
        scene.seconds += 1
        _ = scene.actions()
        scene.failed(Self.phone)
        #expect(scene.working() == [false])
        scene.seconds += 1
        _ = scene.actions()
        scene.desk.passedOver(scene.tickets[Self.phone]!)
        scene.seconds += 24 * 3600 - 2
        #expect(scene.working() == [])
        #expect(scene.desk.nextDeadline(at: scene.now) == scene.now.monotonic.advanced(by: .seconds(1)))
        scene.seconds += 1
        #expect(scene.working() == [true])
        #expect(scene.desk.nextDeadline(at: scene.now) == nil)
        scene.desk.remove(Self.phone)
        #expect(scene.working() == [false])
    }

    @Test("one working pusher of a device is enough")
    func two() {
        var scene = Scene()
        scene.settled(Self.phone)
        scene.settled(Self.tablet)
        #expect(scene.working() == [true])
        scene.noticed(11)
        _ = scene.actions()
        scene.failed(Self.phone)
        #expect(scene.working() == [])
        scene.failed(Self.tablet)
        #expect(scene.working() == [false])
    }

    // MARK: Nobody takes the places of the others

    private static func user(_ name: String) -> UserID { UserID("@\(name):example.org")! }

    /// Pushers that have something to send, of each user so many, all to one gateway.
    private static func loaded(_ users: [String], each count: Int, gateway: String) -> PusherDesk {
        var desk = PusherDesk()
        for name in users { load(&desk, name, count, gateway) }
        return desk
    }

    private static func load(_ desk: inout PusherDesk, _ name: String, _ count: Int, _ gateway: String) {
        for number in 0..<count {
            desk.set(
                PusherKey(user: user(name), appID: "app", pushkey: "\(name)\(number)"), device: device, gateway: gateway,
                position: StreamPosition(10))
        }
        for _ in 0..<count {
            guard case .read(let ticket, _)? = desk.next(at: time(0)) else { return }
            desk.wasRead(ticket, [StreamPosition(11)], isComplete: true)
        }
    }

    private static func time(_ seconds: Int64) -> Now {
        Now(
            monotonic: MonotonicTime(nanoseconds: seconds * 1_000_000_000),
            wall: MatrixTimestamp(milliseconds: 1_000_000 + seconds * 1000))
    }

    /// What can be sent now.
    private static func begun(_ desk: inout PusherDesk, at seconds: Int64) -> [PusherTicket] {
        var tickets: [PusherTicket] = []
        while let action = desk.next(at: time(seconds)) { tickets.append(action.ticket) }
        return tickets
    }

    @Test("a user has two deliveries under way at most, however many pushers")
    func twoOfAUser() {
        var desk = PusherDesk()
        for number in 0..<100 {
            desk.set(
                PusherKey(user: Names.alice, appID: "app", pushkey: "\(number)"), device: Self.device, gateway: "\(number)",
                position: StreamPosition(10))
        }
        var first = Self.begun(&desk, at: 0)
        #expect(first.map(\.pusher.pushkey) == ["0", "1"])
        // Setting a pusher again does not free the place of what is under way.
        desk.set(first[0].pusher, device: Self.device, gateway: "0", position: StreamPosition(10))
        #expect(Self.begun(&desk, at: 0) == [])
        desk.wasRead(first[0], [], isComplete: true)
        first = Self.begun(&desk, at: 0)
        #expect(first.map(\.pusher.pushkey) == ["2"])
    }

    @Test("users take turns: who has one thing to send does not wait behind who has many")
    func turns() {
        var desk = PusherDesk()
        for (name, count) in [("mallory", 10), ("trudy", 10), ("bob", 1)] {
            for number in 0..<count {
                desk.set(
                    PusherKey(user: Self.user(name), appID: "app", pushkey: "\(name)\(number)"), device: Self.device,
                    gateway: "gateway", position: StreamPosition(10))
            }
        }
        #expect(
            Self.begun(&desk, at: 0).map(\.pusher.pushkey) == ["mallory0", "trudy0", "bob0", "mallory1", "trudy1"])
    }

    @Test("a gateway that takes its time is slow from then on, and leaves the other places to prompt ones")
    func slowLane() {
        let many = (0..<40).map { "m\($0)" }
        var desk = Self.loaded(many, each: 2, gateway: "slow")
        // Of a gateway that never answered only so many are tried; after two seconds it is slow.
        #expect(Self.begun(&desk, at: 0).count == PusherLane.untried.places)
        #expect(desk.nextDeadline(at: Self.time(0)) == MonotonicTime(nanoseconds: 2_000_000_000))
        Self.load(&desk, "bob", 1, "prompt")
        #expect(Self.begun(&desk, at: 1) == [], "all places for untried gateways are taken")
        let bob = Self.begun(&desk, at: 2)
        #expect(bob.map(\.pusher.user) == [Self.user("bob")])
        desk.delivered(bob[0], at: Self.time(2))
        // Now everybody knows: there is room for sixteen deliveries to the prompt gateway, whatever the slow one does.
        for number in 0..<20 { Self.load(&desk, "p\(number)", 1, "prompt") }
        #expect(Self.begun(&desk, at: 3).count == PusherLane.prompt.places)
        #expect(Self.begun(&desk, at: 10) == [], "now that one does not answer either")
    }

    @Test("a slow gateway that answers soon again is prompt again")
    func promptAgain() {
        var desk = Self.loaded(["a"], each: 2, gateway: "gateway")
        let first = Self.begun(&desk, at: 0)
        for ticket in first { desk.delivered(ticket, at: Self.time(3)) }
        for number in 0..<20 { Self.load(&desk, "u\(number)", 1, "gateway") }
        let slow = Self.begun(&desk, at: 3)
        #expect(slow.count == PusherLane.slow.places)
        desk.delivered(slow[0], at: Self.time(4))
        #expect(Self.begun(&desk, at: 4).count == 20 - PusherLane.slow.places, "all the others have places")
    }

    @Test(
        "a pusher works if its last delivery succeeded or none has failed for a day",
        arguments: [
            (nil, nil, true), (100, nil, true), (nil, 100, false), (100, 200, false), (200, 100, true), (200, 200, true),
            (nil, 100_000 - 86_400, true), (nil, 100_000 - 86_399, false), (100_000, 100_000 - 86_400, true),
        ] as [(Int64?, Int64?, Bool)])
    func health(success: Int64?, failure: Int64?, expected: Bool) {
        func time(_ seconds: Int64) -> MatrixTimestamp { MatrixTimestamp(milliseconds: seconds * 1000) }
        let health = PusherHealth(lastSuccess: success.map(time), lastFailure: failure.map(time))
        let now = time(max(failure ?? 0, success ?? 0) < 1000 ? 1000 : 100_000)
        #expect(health.isWorking(at: now) == expected)
    }

    @Test("progress that nobody stored is told again, at its newest; that of a pusher that is gone is not")
    func progressTakenBack() {
        var scene = Scene()
        scene.settled(Self.phone)
        scene.noticed(11)
        _ = scene.actions()
        scene.delivered(Self.phone)
        let told = scene.desk.takeProgress()
        #expect(told.map(\.position) == [StreamPosition(11)] && !scene.desk.hasProgress)
        scene.noticed(12)
        _ = scene.actions()
        scene.delivered(Self.phone)
        _ = scene.desk.takeProgress()
        scene.desk.progressWasNotStored(of: told.map(\.pusher))
        #expect(scene.progress() == [12])
        scene.desk.remove(Self.phone)
        scene.desk.progressWasNotStored(of: told.map(\.pusher))
        #expect(!scene.desk.hasProgress)
    }

    @Test("a pusher that is set again goes on where it is, whatever its row says, and nothing under way is begun once more")
    func setAgain() {
        var scene = Scene()
        scene.settled(Self.phone)
        scene.noticed(11)
        #expect(scene.actions() == ["phone sends 11"])
        scene.delivered(Self.phone)
        _ = scene.desk.takeProgress()
        scene.noticed(12)
        scene.noticed(13)
        #expect(scene.actions() == ["phone sends 12"])
        scene.set(Self.phone, at: 10)
        #expect(scene.actions() == [])
        #expect(scene.desk.progress(of: Self.phone)?.position == StreamPosition(11))
        #expect(scene.desk.takeProgress().map(\.position) == [StreamPosition(11)], "its row is behind again")
        scene.delivered(Self.phone)
        #expect(scene.actions() == ["phone sends 13"])
    }

    @Test("a pusher that sends elsewhere from now on goes on where it is, and sends there what was under way")
    func setElsewhere() {
        var scene = Scene()
        scene.settled(Self.phone)
        scene.noticed(11)
        scene.noticed(12)
        _ = scene.actions()
        let old = scene.tickets[Self.phone]!
        scene.set(Self.phone, at: 3, health: PusherHealth())
        #expect(scene.actions() == ["phone sends 11"])
        scene.desk.failed(old, at: scene.now, isGateway: true)
        scene.delivered(Self.phone)
        #expect(scene.actions() == ["phone sends 12"])
        #expect(scene.desk.progress(of: Self.phone)?.health.lastFailure == nil)
    }

    @Test("a pusher that is set again after a failure is tried again at once")
    func setAgainAfterFailure() {
        var scene = Scene()
        scene.settled(Self.phone)
        scene.noticed(11)
        _ = scene.actions()
        scene.failed(Self.phone)
        #expect(scene.actions() == [])
        scene.set(Self.phone)
        #expect(scene.actions() == ["phone sends 11"])
    }
}

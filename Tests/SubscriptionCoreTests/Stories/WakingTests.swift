import MatrixModel
import SubscriptionCore
import Testing

@Suite("Whose held request a commit wakes")
struct WakingTests {
    /// Everybody holds a request: Alice (twice) and Bob are in the den, Carol peeks into it and watches Alice, Dave is alone.
    private struct Waiting {
        var scene = Scene()
        let phone, laptop, bob, carol, dave: WaiterID

        init() {
            scene.commit { $0.room(by: Names.bob) }
            scene.commit { $0.member(.join, Names.alice) }
            scene.commit { $0.profileRoom(of: Names.alice) }
            scene.commit {
                $0.peek(Names.carols, Names.den)
                $0.peek(Names.carols, Names.profile(Names.alice))
            }
            phone = scene.wait(Names.phone)
            laptop = scene.wait(Names.laptop)
            bob = scene.wait(Names.bobs)
            carol = scene.wait(Names.carols)
            dave = scene.wait(Names.daves)
        }
    }

    @Test("a message wakes the room's members and the devices that peek into it")
    func message() {
        var waiting = Waiting()
        let woken = waiting.scene.commit { $0.message(by: Names.bob) }
        #expect(woken == [waiting.phone, waiting.laptop, waiting.bob, waiting.carol])
    }

    @Test("state that changes without an event of the timeline wakes the same ones")
    func stateAlone() {
        var waiting = Waiting()
        let woken = waiting.scene.commit { writer in
            let event = makeEvent(.topic, key: "", sender: Names.bob, content: ["topic": "x"], at: writer.nextPosition())
            let key = StateKey(.topic)
            writer.tell(
                .state(RoomStateChange(room: Names.den, key: key, event: event, position: event.position, isInTimeline: false)))
        }
        #expect(woken == [waiting.phone, waiting.laptop, waiting.bob, waiting.carol])
    }

    @Test("an invitation and its end wake the invited user")
    func invitation() {
        var waiting = Waiting()
        let members: Set = [waiting.phone, waiting.laptop, waiting.bob, waiting.carol]
        for membership in [Membership.invite, .leave] {
            let woken = waiting.scene.commit { $0.member(membership, Names.dave, by: Names.bob) }
            #expect(woken == members.union([waiting.dave]))
        }
        let woken = waiting.scene.commit { $0.message(by: Names.bob) }
        #expect(woken == members)
    }

    @Test("who is removed from a room is woken by it, and by nothing there any more")
    func removal() {
        var waiting = Waiting()
        let woken = waiting.scene.commit { $0.member(.ban, Names.alice, by: Names.bob) }
        #expect(woken == [waiting.phone, waiting.laptop, waiting.bob, waiting.carol])
        let wokenLater = waiting.scene.commit { $0.message(by: Names.bob) }
        #expect(wokenLater == [waiting.bob, waiting.carol])
    }

    @Test("a presence or a status wakes watchers, contacts and the user, and nobody else")
    func lane() {
        var waiting = Waiting()
        let all: Set = [waiting.phone, waiting.laptop, waiting.bob, waiting.carol]
        #expect(waiting.scene.commit { $0.presence("online", of: Names.alice) } == all)
        #expect(waiting.scene.commit { $0.status("out", of: Names.alice) } == all)
        #expect(waiting.scene.commit { $0.presence("online", of: Names.dave) } == [waiting.dave])
        #expect(waiting.scene.commit { $0.presence("online", of: Names.user("eve")) } == [])
    }

    @Test("presence leaves a request asleep that waits for its turn; all else wakes it, and presence does from its turn on")
    func paced() {
        var waiting = Waiting()
        let (phone, carol) = (waiting.phone, waiting.carol)
        let others: Set = [waiting.laptop, waiting.bob]
        for waiter in [phone, carol] { waiting.scene.engine.setPaced(waiter, true) }
        #expect(waiting.scene.commit { $0.presence("online", of: Names.alice) } == others)
        #expect(waiting.scene.commit { $0.status("out", of: Names.alice) } == others)
        #expect(waiting.scene.commit { $0.message(by: Names.bob) } == others.union([phone, carol]))
        waiting.scene.engine.setPaced(phone, false)
        #expect(waiting.scene.commit { $0.presence("busy", of: Names.alice) } == others.union([phone]))
        waiting.scene.engine.stopWaiting(carol)
        waiting.scene.engine.setPaced(carol, false)
        #expect(waiting.scene.commit { $0.presence("online", of: Names.alice) } == others.union([phone]))
    }

    @Test("a profile wakes the devices that peek into it, its owner only among them")
    func profile() {
        var waiting = Waiting()
        #expect(waiting.scene.commit { $0.profile(of: Names.alice) } == [waiting.carol])
        waiting.scene.commit { $0.peek(Names.laptop, Names.profile(Names.alice)) }
        #expect(waiting.scene.commit { $0.profile(of: Names.alice) } == [waiting.carol, waiting.laptop])
    }

    @Test("account data wakes all devices of its user")
    func accountData() {
        var waiting = Waiting()
        #expect(waiting.scene.commit { $0.accountData(of: Names.alice) } == [waiting.phone, waiting.laptop])
    }

    @Test("the start and the end of a peek wake the device, its renewal nobody")
    func peek() {
        var waiting = Waiting()
        let room = Names.profile(Names.bob)
        #expect(waiting.scene.commit { $0.peek(Names.phone, room) } == [waiting.phone])
        let renewed = waiting.scene.commit { $0.tell(.peekRenewed(Names.phone, room, expires: Names.time(5))) }
        #expect(renewed == [])
        #expect(waiting.scene.commit { $0.endPeek(Names.phone, room) } == [waiting.phone])
        #expect(waiting.scene.commit { $0.endPeek(Names.phone, room) } == [])
    }

    @Test("an ended peek's room wakes the device no more")
    func afterPeek() {
        var waiting = Waiting()
        waiting.scene.commit { $0.endPeek(Names.carols, Names.den) }
        #expect(waiting.scene.commit { $0.message(by: Names.bob) } == [waiting.phone, waiting.laptop, waiting.bob])
    }

    @Test("the deletion of a device wakes that device's requests, and afterwards its peeks wake nobody")
    func deviceDeleted() {
        var waiting = Waiting()
        let second = waiting.scene.wait(Names.carols)
        let other = waiting.scene.wait(Names.device("OTHER", of: Names.carol))
        #expect(waiting.scene.commit { $0.tell(.deviceDeleted(Names.carols)) } == [waiting.carol, second])
        #expect(waiting.scene.commit { $0.profile(of: Names.alice) } == [])
        #expect(waiting.scene.commit { $0.accountData(of: Names.carol) } == [waiting.carol, second, other])
    }

    @Test("what is no news wakes nobody")
    func noNews() {
        var waiting = Waiting()
        waiting.scene.commit { $0.member(.leave, Names.alice) }
        let woken = waiting.scene.commit {
            $0.tell(.roomForgotten(Names.den, by: Names.alice))
            $0.tell(.redacted(makeEvent(.message, at: StreamPosition(3))))
            $0.tell(.roomCreated(Names.hall, profileOwner: nil))
        }
        #expect(woken == [])
    }

    @Test("one commit wakes everybody whom any of its changes concerns, each once")
    func together() {
        var waiting = Waiting()
        let woken = waiting.scene.commit {
            $0.message(by: Names.bob)
            $0.accountData(of: Names.dave)
            $0.message(by: Names.bob)
        }
        #expect(woken == [waiting.phone, waiting.laptop, waiting.bob, waiting.carol, waiting.dave])
    }

    @Test("who has stopped waiting is not woken; ending twice is fine")
    func stopped() {
        var waiting = Waiting()
        #expect(waiting.scene.engine.waitingCount == 5)
        waiting.scene.engine.stopWaiting(waiting.phone)
        waiting.scene.engine.stopWaiting(waiting.phone)
        waiting.scene.engine.stopWaiting(WaiterID(.max))
        #expect(waiting.scene.engine.waitingCount == 4)
        #expect(waiting.scene.commit { $0.accountData(of: Names.alice) } == [waiting.laptop])
        for waiter in [waiting.laptop, waiting.bob, waiting.carol, waiting.dave] { waiting.scene.engine.stopWaiting(waiter) }
        #expect(waiting.scene.engine.waitingCount == 0)
        #expect(waiting.scene.commit { $0.message(by: Names.bob) } == [])
    }

    @Test("members are found from the side of the room and from the side of those who wait", arguments: [0, 1, 2, 3, 10, 40])
    func bothSides(strangers: Int) {
        var scene = Scene()
        scene.commit { $0.room(by: Names.bob) }
        for index in 0..<5 { scene.commit { $0.member(.join, Names.user("member\(index)")) } }
        let first = scene.wait(Names.device("D", of: Names.user("member0")))
        let second = scene.wait(Names.device("D", of: Names.user("member4")))
        for index in 0..<strangers { _ = scene.wait(Names.device("D", of: Names.user("stranger\(index)"))) }
        #expect(scene.commit { $0.message(by: Names.bob) } == [first, second])
        #expect(scene.commit { $0.presence("online", of: Names.bob) } == [first, second])
    }

    @Test("of more than eight requests of one device the oldest is to be ended, each once, and other devices keep theirs")
    func manyOfOneDevice() {
        var engine = SubscriptionEngine()
        let laptops = WaiterID(100)
        #expect(engine.wait(laptops, for: Names.laptop) == nil)
        for number in 0..<8 { #expect(engine.wait(WaiterID(UInt64(number)), for: Names.phone) == nil) }
        #expect(engine.wait(WaiterID(8), for: Names.phone) == WaiterID(0))
        // The oldest ones have not ended yet.
        #expect(engine.wait(WaiterID(9), for: Names.phone) == WaiterID(1))
        #expect(engine.wait(WaiterID(101), for: Names.laptop) == nil)
        for number in 0..<2 { engine.stopWaiting(WaiterID(UInt64(number))) }
        engine.stopWaiting(WaiterID(5))
        #expect(engine.wait(WaiterID(10), for: Names.phone) == nil)
        #expect(engine.wait(WaiterID(11), for: Names.phone) == WaiterID(2))
    }
}

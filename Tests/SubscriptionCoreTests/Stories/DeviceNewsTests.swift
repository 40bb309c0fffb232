import MatrixModel
import SubscriptionCore
import Testing

@Suite("News for a device: messages, key counts, device lists")
struct DeviceNewsTests {
    private static let den = Names.room("den")
    private static let carol = Names.user("carol")

    /// Alice and Bob in one room, Carol alone in another.
    private static func household() -> Scene {
        var scene = Scene()
        scene.commit { writer in
            writer.room(den, by: Names.alice)
            writer.member(.join, Names.bob, in: den)
            writer.room(Names.room("loft"), by: carol)
        }
        return scene
    }

    private static func plan(_ scene: Scene, _ device: DeviceKey, since: Int64?) -> SyncPlan {
        scene.engine.plan(for: device, since: since.map { StreamPosition($0) }, legacyPresence: false)
    }

    @Test("a message to one device wakes that one and stays news until the device syncs from after it")
    func messages() {
        var scene = Self.household()
        let laptop = Names.device("LAPTOP", of: Names.alice)
        let (phoneWaits, laptopWaits) = (scene.wait(Names.phone), scene.wait(laptop))
        let before = scene.position
        let woken = scene.commit { $0.sendToDevices([Names.phone]) }
        #expect(woken == [phoneWaits] && !woken.contains(laptopWaits))
        #expect(Self.plan(scene, Names.phone, since: before).hasToDevice)
        #expect(!Self.plan(scene, Names.phone, since: scene.position).hasToDevice)
        #expect(Self.plan(scene, laptop, since: before).isEmpty)
        #expect(!scene.engine.hasDelivered(to: Names.phone, upTo: StreamPosition(before)))
        #expect(scene.engine.hasDelivered(to: Names.phone, upTo: StreamPosition(scene.position)))
        scene.commit { $0.tell(.deletedToDevice(Names.phone, upTo: $0.position)) }
        #expect(!scene.engine.hasDelivered(to: Names.phone, upTo: StreamPosition(scene.position)))
        #expect(!Self.plan(scene, Names.phone, since: nil).hasToDevice)
    }

    @Test("a device that got only some of its messages has news, wherever it is with everything else")
    func someMessages() {
        var scene = Self.household()
        scene.commit { $0.sendToDevices([Names.phone]) }
        let first = scene.position
        scene.commit { $0.sendToDevices([Names.phone]) }
        let plan = { (delivered: Int64) in
            scene.engine.plan(
                for: Names.phone, since: StreamPosition(scene.position), delivered: StreamPosition(delivered),
                legacyPresence: false
            )
        }
        #expect(plan(first).hasToDevice)
        #expect(plan(scene.position).isEmpty)
    }

    @Test("signatures of somebody's keys are news to the signer's devices, and to nobody else")
    func signatures() {
        var scene = Self.household()
        let (alice, bob) = (scene.wait(Names.phone), scene.wait(Names.device("B", of: Names.bob)))
        let before = scene.position
        let woken = scene.commit { $0.tell(.keysSigned(of: [Names.bob], by: Names.alice, at: $0.nextPosition())) }
        #expect(woken == [alice] && !woken.contains(bob))
        #expect(Self.plan(scene, Names.phone, since: before).changedDeviceLists == [Names.bob])
        #expect(Self.plan(scene, Names.device("B", of: Names.bob), since: before).isEmpty)
        #expect(Self.plan(scene, Names.phone, since: scene.position).isEmpty)
    }

    @Test("a message that came after the deleted ones stays")
    func laterMessage() {
        var scene = Self.household()
        scene.commit { $0.sendToDevices([Names.phone]) }
        let first = scene.position
        scene.commit { $0.sendToDevices([Names.phone]) }
        scene.commit { $0.tell(.deletedToDevice(Names.phone, upTo: StreamPosition(first))) }
        #expect(Self.plan(scene, Names.phone, since: first).hasToDevice)
        #expect(!scene.engine.hasDelivered(to: Names.phone, upTo: StreamPosition(first)))
    }

    @Test("key counts are in every plan; only what others did to them is news")
    func keyCounts() {
        var scene = Self.household()
        let waiter = scene.wait(Names.phone)
        let counts = KeyCounts(oneTimeKeys: ["signed_curve25519": 50], unusedFallbackTypes: ["signed_curve25519"])
        #expect(scene.commit { $0.tell(.keyCounts(Names.phone, counts, at: nil)) }.isEmpty)
        let before = scene.position
        #expect(Self.plan(scene, Names.phone, since: before).keyCounts == counts)
        #expect(Self.plan(scene, Names.phone, since: before).isEmpty)
        let fewer = KeyCounts(oneTimeKeys: ["signed_curve25519": 49], unusedFallbackTypes: [])
        #expect(scene.commit { $0.takeKey(of: Names.phone, leaving: fewer) } == [waiter])
        #expect(Self.plan(scene, Names.phone, since: before).hasNewKeyCounts)
        #expect(Self.plan(scene, Names.phone, since: scene.position).isEmpty)
    }

    @Test("changed keys are news to those who share a room, and to nobody else")
    func changedKeys() {
        var scene = Self.household()
        let (alice, carol) = (scene.wait(Names.phone), scene.wait(Names.device("C", of: Self.carol)))
        let before = scene.position
        let woken = scene.commit { $0.changeKeys(of: Names.bob) }
        #expect(woken == [alice] && !woken.contains(carol))
        #expect(Self.plan(scene, Names.phone, since: before).changedDeviceLists == [Names.bob])
        #expect(Self.plan(scene, Names.phone, since: scene.position).isEmpty)
        #expect(Self.plan(scene, Names.device("C", of: Self.carol), since: before).isEmpty)
        #expect(Self.plan(scene, Names.phone, since: nil).changedDeviceLists.isEmpty)
    }

    @Test("who joins and the members learn each other's keys; who leaves the last shared room is left")
    func membership() {
        var scene = Self.household()
        let carols = Names.device("C", of: Self.carol)
        var before = scene.position
        scene.commit { $0.member(.join, Self.carol, in: Self.den) }
        #expect(Self.plan(scene, Names.phone, since: before).changedDeviceLists == [Self.carol])
        #expect(Set(Self.plan(scene, carols, since: before).changedDeviceLists) == [Names.alice, Names.bob, Self.carol])
        before = scene.position
        scene.commit { $0.member(.leave, Self.carol, in: Self.den, by: Self.carol) }
        #expect(Self.plan(scene, Names.phone, since: before).leftDeviceLists == [Self.carol])
        #expect(Set(Self.plan(scene, carols, since: before).leftDeviceLists) == [Names.alice, Names.bob])
        #expect(Self.plan(scene, Names.phone, since: scene.position).isEmpty)
    }

    @Test("changes from before the start are known by user")
    func restored() {
        var engine = SubscriptionEngine()
        engine.restore(position: StreamPosition(20))
        engine.restoreRoom(Self.den, lastPosition: StreamPosition(3))
        for user in [Names.alice, Names.bob] {
            engine.restoreMembership(.join, of: user, in: Self.den, at: StreamPosition(3), wasJoined: false)
        }
        engine.restoreKeysChanged(of: Names.bob, at: StreamPosition(10))
        engine.restoreKeysChanged(of: Self.carol, at: StreamPosition(15))
        let changed = { (since: Int64) in
            engine.plan(for: Names.phone, since: StreamPosition(since), legacyPresence: false).changedDeviceLists
        }
        #expect(changed(9) == [Names.bob])
        #expect(changed(10) == [])
    }
}

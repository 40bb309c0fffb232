import MatrixModel
import PresenceCore
import Testing

@Suite("Who hides stays hidden")
struct HidingTests {
    static let devices = ["A", "B", "C"]

    @Test("no request of a device ends another's offline, nor the user's", arguments: 1...20 as ClosedRange<UInt64>)
    func othersStay(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var scene = Scene()
        var handles: [SyncHandle] = []
        for step in 0..<400 {
            let device = Self.devices.randomElement(using: &random)!
            let before = scene.engine.choices(of: Scene.alice).all.filter { $0.presence == .offline }
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                try scene.put(
                    PresencePut(
                        presence: Presence.allCases.randomElement(using: &random)!, hasStatus: Bool.random(using: &random)),
                    from: device)
            case 4:
                // A person hides; another time than by now it does not end by itself.
                if !before.contains(where: { $0.maker == .user }) { try scene.choose(.offline) }
            case 5: scene.activity(device)
            case 6: if let handle = handles.popLast() { scene.end(handle) }
            case 7: scene.logOut(device)
            case 8: scene.pass(.seconds(Int.random(in: 0...400, using: &random)))
            default:
                let claims: [SyncClaim] = [
                    .silent, .impliedOnline, .explicit(.online), .explicit(.unavailable), .explicit(.busy),
                ]
                handles.append(scene.start(device, claims.randomElement(using: &random)!))
            }
            let after = scene.choices
            for choice in before where choice.maker.device?.rawValue != device {
                #expect(after.contains(choice), "seed \(seed), step \(step): \(device) ended \(choice)")
            }
            if !after.contains(where: { $0.presence == .offline }) { continue }
            #expect(scene.effective() == EffectivePresence(presence: .offline, reason: .manualOffline))
            #expect(scene.seen.last?.presence ?? .offline == .offline)
        }
    }

    @Test("an offline put while the device's syncs were silent ends with its next sync that says something, explicitly")
    func silentDevice() throws {
        for (claim, ends) in [
            (SyncClaim.silent, false), (.impliedOnline, false), (.explicit(.unavailable), true), (.explicit(.busy), true),
        ] {
            var scene = Scene()
            _ = scene.start("A", .silent)
            try scene.put(.offline, from: "A")
            _ = scene.start("B", .explicit(.online))
            _ = scene.start("A", claim)
            #expect(scene.choices.isEmpty == ends)
            #expect(scene.stored[Scene.alice]?.isEmpty == ends)
        }
    }

    @Test("an offline put while the device's syncs said something outlives its syncs")
    func talkingDevice() throws {
        var scene = Scene()
        _ = scene.start("A", .silent)
        _ = scene.start("A", .explicit(.online))
        try scene.put(.offline, from: "A")
        _ = scene.start("A", .explicit(.busy))
        #expect(scene.effective().presence == .offline)
    }
}

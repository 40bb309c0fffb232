import Foundation
import HearthTestKit
import MatrixModel
import RoomRules
import Testing

/// What a client was told stays true when the process is killed without a word.
@Suite("Kill -9 under load", .serialized)
struct DurabilityKillStory {
    private static let isSoak = ProcessInfo.processInfo.environment["HEARTH_SOAK"] == "1"
    private static let kills = isSoak ? 100 : 20
    private static let fewestWrites = 2_000

    @Test("every acknowledged write is there after a kill, once and whole, and old sync tokens bring what came after them")
    func acknowledgedWritesSurvive() async throws {
        let seed = ProcessInfo.processInfo.environment["HEARTH_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...UInt64.max)
        print("kill -9 under load: HEARTH_SEED=\(seed)")
        var random = SeededGenerator(seed: seed)
        try await withHearth { hearth in
            let load = try await DurabilityLoad(hearth)
            let ledger = load.ledger
            var kill = 0
            while kill < Self.kills || ledger.acknowledged < Self.fewestWrites {
                kill += 1
                guard kill <= Self.kills * 10 else { break }
                let check = DurabilityCheck(of: load, comment: "seed \(seed), kill \(kill)")
                let before = (messages: ledger.messages.count, rooms: ledger.rooms, tokens: ledger.tokens.count)
                let delay = Duration.milliseconds(Int.random(in: 50...500, using: &random))
                async let loading: Void = load.run()
                try await Task.sleep(for: delay)
                hearth.kill()
                await loading
                #expect(ledger.refusals == [], check.comment)
                // The files of a killed server can be looked into as they are.
                let faults = try await DurabilityGraph.faults(
                    in: load.aliceProfile, of: hearth, version: .v12, hasLane: true)
                #expect(faults == [], check.comment)

                try await hearth.start()
                try await check.checkValues()
                try await check.checkMessages(Array(ledger.messages[before.messages...]))
                try await check.checkRooms(ledger.rooms.filter { before.rooms[$0.key] == nil })
                try await check.repeatUnanswered()
                var fresh: [String: String] = [:]
                for room in load.rooms { fresh[room] = try await load.alice.sendText("fresh \(kill) \(room)", to: room) }
                let tokens = ledger.tokens[before.tokens...]
                for token in [tokens.first, tokens.last].compactMap(\.self) { try await check.check(token, fresh: fresh) }
            }
            let check = DurabilityCheck(of: load, comment: "seed \(seed), at the end")
            try await check.checkHistory()
            #expect(ledger.acknowledged >= Self.fewestWrites)
            for (room, version, hasLane) in [
                (load.aliceProfile, RoomVersion.v12, true), (load.bobProfile, .v12, true), (load.rooms[0], .v11, false),
                (load.rooms[1], .v11, false), (load.door, .v11, false),
            ] {
                let faults = try await DurabilityGraph.faults(in: room, of: hearth, version: version, hasLane: hasLane)
                #expect(faults == [], check.comment)
            }
            print("kill -9 under load: \(kill) kills, \(ledger.acknowledged) acknowledged writes")
        }
    }
}

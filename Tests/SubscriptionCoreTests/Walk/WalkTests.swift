import Foundation
import MatrixModel
import SubscriptionCore
import Testing

@Suite("Random walks beside the naive model")
struct WalkTests {
    /// The steps of one walk: enough for rooms to outgrow memory.
    static let length = 1_000
    static let steps = ProcessInfo.processInfo.environment["HEARTH_WALK_STEPS"].flatMap { Int($0) } ?? 10_000
    static let walks = max(1, (steps + length - 1) / length)

    @Test(
        "engines that live on and engines that start anew tell what the model tells, and wake who has news", arguments: 1...walks)
    func walk(number: Int) {
        let seed = UInt64(number)
        var walker = Walker(seed: seed)
        for step in 0..<Self.length {
            walker.step()
            guard walker.agrees else {
                Issue.record("seed \(seed), step \(step): \(walker.difference)")
                return
            }
        }
        let kinds = [
            "restart", "expired", "answered", "whole", "events", "stored", "outgrown", "lane", "departure",
            "invited",
            "ended",
            "presence", "account data", "revoked", "granted", "all ended", "lost presence", "nothing",
            "join while peeking",
            "messages to a device", "key counts", "changed keys", "left keys", "receipts",
        ]
        let missing = kinds.filter { walker.seen[$0, default: 0] == 0 }
        #expect(missing.isEmpty, "seed \(seed): a walk in which little happens shows little")
    }
}

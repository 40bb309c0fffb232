import Testing

@testable import HearthRuntime
@testable import HearthServices

struct AdmittedShareTests {
    private static let target = Duration.milliseconds(100)

    @Test("a few late samples change nothing, the fourth in a row as much as it is late, and then what that did may show")
    func falls() {
        var share = AdmittedShare(target: Self.target)
        for _ in 0..<3 { share.observed(wait: .milliseconds(150)) }
        #expect(share.share == 1024)
        share.observed(wait: .milliseconds(125))
        #expect(share.share == 819)
        for _ in 0..<2 { share.observed(wait: .milliseconds(200)) }
        #expect(share.share == 819)
        share.observed(wait: .milliseconds(200))
        #expect(share.share == 409, "half at most")
        share.observed(wait: .milliseconds(70))
        #expect(share.share == 409, "between half the target and the target it stays")
        share.observed(wait: .milliseconds(150))
        #expect(share.share == 409, "a new row begins")
    }

    @Test("a queue of more than twice the target takes hardly any more from the second late sample on, until it is short enough")
    func tooLong() {
        var share = AdmittedShare(target: Self.target)
        share.observed(wait: .milliseconds(300))
        #expect(share.share == 1024)
        share.observed(wait: .milliseconds(300))
        #expect(share.share == AdmittedShare.least)
        for _ in 0..<10 { share.observed(wait: .milliseconds(101)) }
        #expect(share.share == AdmittedShare.least)
        share.observed(wait: .milliseconds(100))
        #expect(share.share == 512, "it fell once")
    }

    @Test("however long the overload lasts, some work is admitted, and all of it again a second after")
    func recovers() {
        var share = AdmittedShare(target: Self.target)
        for _ in 0..<1000 { share.observed(wait: .seconds(5)) }
        #expect(share.share == AdmittedShare.least)
        for _ in 0..<20 { share.observed(wait: .zero) }
        #expect(share.share == AdmittedShare.whole)
    }

    @Test("a target of nothing admits everything")
    func off() {
        var share = AdmittedShare(target: .zero)
        for _ in 0..<10 { share.observed(wait: .seconds(60)) }
        #expect(share.share == AdmittedShare.whole)
    }

    @Test("of 1,024 arrivals in a row exactly the share is admitted, and never a gap longer than it has to be")
    func evenlySpread() {
        for share in [8, 9, 100, 256, 511, 768, 1000, 1023, 1024] {
            for start in [0, 1, 500, 1_000_003] {
                let admitted = (start..<start + 1024).filter { AdmittedShare.admits($0, share: share) }
                #expect(admitted.count == share)
                let gap = zip(admitted, admitted.dropFirst()).map { $1 - $0 }.max() ?? 0
                #expect(gap <= (1024 + share - 1) / share)
            }
        }
    }

    /// A queue that takes 100 a tick, arrivals of a changing rate: the share has to keep the queue near its target.
    @Test(
        "against a model of a queue, the wait settles below twice the target and the server stays busy", arguments: [1.5, 4, 10])
    func settles(overload: Double) {
        var random = SplitMix(state: UInt64(overload * 10))
        var share = AdmittedShare(target: Self.target)
        // A tick is 50 ms and takes 100; waiting is told in ticks.
        let (capacity, ticks) = (100.0, 2000)
        var (queue, done, late, number) = (0.0, 0.0, 0, 0)
        for tick in 0..<ticks {
            let arrivals = Int(capacity * overload * (0.8 + 0.4 * random.next()))
            for _ in 0..<arrivals {
                if AdmittedShare.admits(number, share: share.share) { queue += 1 }
                number += 1
            }
            let taken = min(queue, capacity)
            queue -= taken
            let wait = Duration.milliseconds(Int(queue / capacity * 50))
            share.observed(wait: wait)
            share.checkInvariants()
            if tick > 100 {
                done += taken
                if wait > Self.target * 2 { late += 1 }
            }
        }
        let possible = capacity * Double(ticks - 101)
        #expect(done > possible * 0.6, "it did \(Int(done / possible * 100)) % of what it could")
        #expect(late < ticks / 50, "\(late) of \(ticks) samples were late")
    }
}

private struct SplitMix {
    var state: UInt64

    /// From 0 to 1.
    mutating func next() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((z ^ (z >> 31)) >> 11) / Double(1 << 53)
    }
}

import HearthRuntime
import HearthServices
import MatrixModel
import Testing

@Suite("Rate limits")
struct RateLimiterTests {
    private func time(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    @Test("a burst passes at once, then one an interval, and the wait that is told is the wait that is needed")
    func burst() {
        var limiter = RateLimiter(burst: 3, interval: .seconds(10))
        for _ in 0..<3 { #expect(limiter.take("a", now: time(0)) == nil) }
        #expect(limiter.take("a", now: time(0)) == .seconds(10))
        #expect(limiter.take("a", now: time(4_000)) == .seconds(6))
        #expect(limiter.take("a", now: time(9_999)) == .milliseconds(1))
        #expect(limiter.take("a", now: time(10_000)) == nil)
        #expect(limiter.take("a", now: time(10_000)) == .seconds(10))
    }

    @Test("keys do not touch each other")
    func keys() {
        var limiter = RateLimiter(burst: 1, interval: .seconds(10))
        #expect(limiter.take("a", now: time(0)) == nil)
        #expect(limiter.take("b", now: time(0)) == nil)
        #expect(limiter.take("a", now: time(0)) != nil)
    }

    @Test("a token that is given back can be taken again, and never makes the bucket fuller than full")
    func giveBack() {
        var limiter = RateLimiter(burst: 2, interval: .seconds(10))
        for _ in 0..<5 {
            #expect(limiter.take("a", now: time(0)) == nil)
            limiter.giveBack("a", now: time(0))
        }
        limiter.giveBack("a", now: time(0))
        limiter.giveBack("unknown", now: time(0))
        #expect(limiter.take("a", now: time(0)) == nil)
        #expect(limiter.take("a", now: time(0)) == nil)
        #expect(limiter.take("a", now: time(0)) == .seconds(10))
    }

    @Test("what is charged and not there is a debt, which is paid back an interval a token")
    func debt() {
        var limiter = RateLimiter(burst: 100, interval: .milliseconds(10))
        #expect(limiter.debt(of: "a", now: time(0)) == nil)
        limiter.charge(100, to: "a", now: time(0))
        #expect(limiter.debt(of: "a", now: time(0)) == nil, "all of it was there")
        limiter.charge(50, to: "a", now: time(0))
        #expect(limiter.debt(of: "a", now: time(0)) == .milliseconds(500))
        #expect(limiter.debt(of: "a", now: time(499)) == .milliseconds(1))
        #expect(limiter.debt(of: "a", now: time(500)) == nil)
        limiter.charge(1, to: "a", now: time(500))
        #expect(limiter.debt(of: "a", now: time(500)) == .milliseconds(10))
        #expect(limiter.debt(of: "b", now: time(500)) == nil)
        limiter.charge(100, to: "a", now: time(100_000))
        #expect(limiter.debt(of: "a", now: time(100_000)) == nil, "a full bucket is not fuller for having been full long")
        limiter.charge(.max / 1_000_000_000, to: "a", now: MonotonicTime(nanoseconds: .max))
    }

    @Test("an interval of zero limits nothing, and the ends of time trap nothing")
    func extremes() {
        var free = RateLimiter(burst: 1, interval: .zero)
        for _ in 0..<100 { #expect(free.take("a", now: time(0)) == nil) }
        var limiter = RateLimiter(burst: 1, interval: .seconds(3600))
        #expect(limiter.take("a", now: MonotonicTime(nanoseconds: .max)) == nil)
        _ = limiter.take("a", now: MonotonicTime(nanoseconds: .max))
        _ = limiter.take("a", now: MonotonicTime(nanoseconds: .min))
        limiter.giveBack("a", now: MonotonicTime(nanoseconds: .min))
    }

    @Test("the number of buckets stays bounded, and the emptiest bucket is not the one that is forgotten")
    func bounded() {
        var limiter = RateLimiter(burst: 5, interval: .seconds(10), capacity: 100)
        for _ in 0..<5 { #expect(limiter.take("attacker", now: time(0)) == nil) }
        for index in 0..<10_000 {
            #expect(limiter.take("visitor \(index)", now: time(1)) == nil)
            #expect(limiter.count <= 100)
        }
        #expect(limiter.take("attacker", now: time(1)) != nil)
    }

    @Test("whoever acted once and never again is forgotten, long before the capacity is reached")
    func forgotten() {
        var limiter = RateLimiter(burst: 5, interval: .seconds(1))
        for index in 0..<20_000 {
            #expect(limiter.take("visitor \(index)", now: time(Int64(index) * 100)) == nil)
            #expect(limiter.count <= 256)
        }
    }

    @Test("a random walk agrees with a bucket that counts its credit", arguments: [1, 2, 3, 20_261_122] as [UInt64])
    func walk(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let interval: Int64 = 1_000_000_000
        let burst = Int.random(in: 1...6, using: &generator)
        var limiter = RateLimiter(burst: burst, interval: .seconds(1))
        var credits: [String: (credit: Int64, at: Int64)] = [:]
        var now: Int64 = 0
        for step in 0..<5_000 {
            now += Int64.random(in: 0...(interval / 2), using: &generator)
            let key = "key \(Int.random(in: 0..<4, using: &generator))"
            let full = Int64(burst) * interval
            let before = credits[key] ?? (full, now)
            let credit = min(full, before.credit + now - before.at)
            let wait = limiter.take(key, now: MonotonicTime(nanoseconds: now))
            if credit >= interval {
                #expect(wait == nil, "seed \(seed), step \(step)")
                credits[key] = (credit - interval, now)
            } else {
                #expect(wait == .nanoseconds(interval - credit), "seed \(seed), step \(step)")
                credits[key] = (credit, now)
            }
        }
    }
}

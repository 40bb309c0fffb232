public import MatrixModel

/// Token buckets by key: each key may act `burst` times at once and once an `interval` from then on.
///
/// Pure. A bucket is one time: when it will be full again (the "theoretical arrival time" of the generic cell rate algorithm); a full
/// bucket needs no entry. So full ones are forgotten whenever there may be as many of them as of others; memory follows who acts now, not
/// who ever did. At most `capacity` buckets are kept: beyond it, those that are nearest to being full are forgotten first.
public struct RateLimiter: Sendable {
    public let burst: Int
    public let interval: Duration
    public let capacity: Int
    private var fullAt: [String: MonotonicTime] = [:]
    /// With so many buckets full ones are looked for: twice as many as there were after the last time.
    private var most = Self.fewest

    /// So many buckets are nothing to save.
    static let fewest = 256

    public init(burst: Int, interval: Duration, capacity: Int = 50_000) {
        precondition(burst > 0 && capacity > 0, "a rate limiter lets nothing through with a burst or a capacity of 0")
        self.burst = burst
        self.interval = interval
        self.capacity = capacity
    }

    /// Takes tokens of the key's bucket. Returns nil when there were as many, else how long it takes until there are.
    ///
    /// - Parameter count: 1 to `burst`.
    public mutating func take(_ key: String, count: Int = 1, now: MonotonicTime) -> Duration? {
        precondition((1...burst).contains(count), "nobody can take more than there ever are")
        let base = max(fullAt[key] ?? now, now)
        let wait = base.duration(since: now) - interval * (burst - count)
        if wait > .zero { return wait }
        set(key, fullAt: base.advanced(by: interval * count), now: now)
        return nil
    }

    /// Takes tokens of the key's bucket whether they are there or not: what is not is a debt.
    public mutating func charge(_ count: Int, to key: String, now: MonotonicTime) {
        set(key, fullAt: max(fullAt[key] ?? now, now).advanced(by: interval * count), now: now)
    }

    /// How long it takes until the key owes nothing; nil when it owes nothing.
    public func debt(of key: String, now: MonotonicTime) -> Duration? {
        guard let full = fullAt[key] else { return nil }
        let debt = full.duration(since: now) - interval * burst
        return debt > .zero ? debt : nil
    }

    private mutating func set(_ key: String, fullAt time: MonotonicTime, now: MonotonicTime) {
        if fullAt[key] == nil, fullAt.count >= min(most, capacity) {
            makeRoom(now: now)
            most = max(Self.fewest, fullAt.count * 2)
        }
        fullAt[key] = time
    }

    /// Gives back a token that turned out to be free of charge.
    public mutating func giveBack(_ key: String, now: MonotonicTime) {
        guard let full = fullAt[key] else { return }
        let earlier = full.advanced(by: .zero - interval)
        fullAt[key] = earlier > now ? earlier : nil
    }

    public var count: Int { fullAt.count }

    /// Forgets full buckets; where that is too little, also the fullest ones, down to seven eighths of the capacity.
    private mutating func makeRoom(now: MonotonicTime) {
        let isAtCapacity = fullAt.count >= capacity
        fullAt = fullAt.filter { $0.value > now }
        let left = capacity - max(1, capacity / 8)
        guard isAtCapacity, fullAt.count > left else { return }
        for (key, _) in fullAt.sorted(by: { $0.value < $1.value }).prefix(fullAt.count - left) { fullAt[key] = nil }
    }
}

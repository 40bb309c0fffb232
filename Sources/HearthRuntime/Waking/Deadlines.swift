import HeapModule
import MatrixModel

/// What tells an entry of ``Deadlines``, to take it back.
package struct DeadlineTicket: Sendable {
    fileprivate let tick: Int64
    fileprivate let number: UInt64
}

/// Values that are due at times, each of which may be taken back before: a timer wheel whose slots are kept by their tick.
///
/// Cost: constant to put in and to take back, whatever else waits; times are rounded up to ``tick``. Pure.
struct Deadlines<Value> {
    /// Entries within so many nanoseconds are due together.
    static var tick: Int64 { 5_000_000 }

    private var slots: [Int64: [UInt64: Value]] = [:]
    /// The ticks that have a slot, each once: a slot that was emptied stays until its time, so that none is listed twice.
    private var order: Heap<Int64> = []
    private var last: UInt64 = 0

    /// When something may be due next.
    var next: MonotonicTime? { order.min.map { MonotonicTime(nanoseconds: $0 * Self.tick) } }

    var count: Int { slots.values.reduce(0) { $0 + $1.count } }

    mutating func insert(_ value: Value, at time: MonotonicTime) -> DeadlineTicket {
        // The latest times there are would not round up within the range.
        let tick = (min(max(0, time.nanoseconds), .max - Self.tick) + Self.tick - 1) / Self.tick
        last += 1
        if slots[tick] == nil { order.insert(tick) }
        slots[tick, default: [:]][last] = value
        return DeadlineTicket(tick: tick, number: last)
    }

    /// Takes an entry back; does nothing for one that was due already.
    mutating func remove(_ ticket: DeadlineTicket) { slots[ticket.tick]?[ticket.number] = nil }

    /// Takes out all that are due, the earlier ones first.
    mutating func takeDue(by now: MonotonicTime) -> [Value] {
        var due: [Value] = []
        while let first = order.min, first * Self.tick <= now.nanoseconds {
            order.removeMin()
            if let slot = slots.removeValue(forKey: first) { due += slot.values }
        }
        return due
    }
}

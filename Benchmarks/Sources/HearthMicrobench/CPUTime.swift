import Foundation

/// CPU that this process has used, which other load on the machine does not lengthen as it does wall time.
struct CPUTime {
    private let start = CPUTime.used()

    /// Microseconds since this was made.
    var microseconds: Double { Self.used() - start }

    private static func used() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1_000_000 + Double(time.tv_nsec) / 1_000
    }

    /// How many microseconds of CPU a call costs, of calls that together take so many seconds.
    static func each(seconds: Double, _ body: () throws -> Void) rethrows -> Double {
        var (calls, batch) = (0, 1)
        let time = CPUTime()
        while time.microseconds < seconds * 1_000_000 {
            for _ in 0..<batch { try body() }
            calls += batch
            batch = min(batch * 2, 1_024)
        }
        return time.microseconds / Double(calls)
    }
}

/// Keeps the optimiser from dropping what nobody looks at.
@inline(never)
@_optimize(none)
func consume<Value>(_ value: Value) {}

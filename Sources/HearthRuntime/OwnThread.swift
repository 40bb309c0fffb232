import Dispatch

/// Threads for what blocks, or takes the processor for long: beside those that all tasks run on.
///
/// On Linux tasks and concurrent dispatch queues share one small pool, as many threads as there are processors, and whether those are blocked is
/// looked at once a second: two blocked children would hold up every request for that long. A serial queue has a thread that is not of that pool.
public enum OwnThread {
    /// Runs the work on a thread that is free, or new. How much runs at once is for the caller to bound.
    ///
    /// - Parameter name: what the work is, for whoever looks at the threads.
    public static func run(_ name: String, _ work: @escaping @Sendable () -> Void) {
        DispatchQueue(label: name).async(execute: work)
    }
}

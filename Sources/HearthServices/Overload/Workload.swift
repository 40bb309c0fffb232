/// What kind of work a request is, as far as overload goes.
public enum Workload: Sendable, CaseIterable {
    /// Reads: needs the processor, and the database's readers.
    case read
    /// Changes something: needs the processor and the writer.
    case change
    /// Asks for news. Refused last: whoever cannot sync looks offline to others.
    case sync
}

/// Why new work was refused.
public enum RefusalReason: String, Sendable, CaseIterable {
    /// Work waits too long for the processor.
    case processor
    /// Operations wait too long for the writer.
    case writer
    /// Reads wait too long for a connection to the database.
    case reader
    /// Too many requests are being answered.
    case requests
    /// The bodies and answers under way take too much memory.
    case memory
}

/// New work was refused, for now: 429 `M_LIMIT_EXCEEDED`.
public struct Overloaded: Error, Equatable {
    public let reason: RefusalReason
    public let retryAfter: Duration

    public init(reason: RefusalReason, retryAfter: Duration) {
        self.reason = reason
        self.retryAfter = retryAfter
    }
}

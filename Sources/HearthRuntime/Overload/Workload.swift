/// What kind of work a request is, as far as overload goes.
public enum Workload: Sendable, CaseIterable {
    /// Reads: needs the processor, and the database's readers.
    case read
    /// Changes something: needs the processor and the writer.
    case change
    /// Asks for news. Refused last: whoever cannot sync looks offline to others.
    case sync
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

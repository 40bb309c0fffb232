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

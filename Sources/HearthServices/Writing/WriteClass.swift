/// What an operation of the writer is for, and so who waits for whom.
public enum WriteClass: Hashable, Sendable, CaseIterable {
    /// What a client waits for, and presence.
    case clients
    /// What keeps the store in order, and what follows a change: nobody waits for it.
    case housekeeping

    /// How many operations may wait; more are refused with ``WriteError/overloaded``.
    var longestQueue: Int {
        switch self {
        case .clients: 20_000
        case .housekeeping: 1_000
        }
    }
}

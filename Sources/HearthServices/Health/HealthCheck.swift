import HearthStore
import MatrixModel
import Synchronization

/// Whether the server can do its work.
public enum Health: Sendable, Equatable {
    case ok
    /// Nothing can be changed: the disk is full or failing, or the writer does not keep up.
    case cannotWrite
    case cannotRead
    case shuttingDown
}

/// Asks the server's own parts whether they work, as a request would: an operation of the writer that is committed, and a read.
///
/// Whoever asks may do so without being known, so that the parts are asked once a second at most; all others get that answer. After a
/// failed commit the operation writes and deletes some pages, so that a disk that is still full is found out; otherwise it writes nothing.
/// State: guarded by its lock.
public final class HealthCheck: Sendable {
    /// How long an answer holds.
    private static let validity: Duration = .seconds(1)
    /// How long the parts may take; whoever asks after that is told that they do.
    private static let patience: Duration = .seconds(2)

    private let writer: RoomWriter
    private let state = Mutex(State())

    private struct State: Sendable {
        var last: (health: Health, time: MonotonicTime)?
        /// Since when somebody asks the parts; nil while nobody does.
        var askingSince: MonotonicTime?
    }

    public init(writer: RoomWriter) { self.writer = writer }

    /// The server's health, at most a second old; while the parts are being asked the last answer, unless they take too long.
    public func health() async -> Health {
        let now = writer.clock.now().monotonic
        let known = state.withLock { state -> Health? in
            if let since = state.askingSince {
                if now >= since.advanced(by: Self.patience) { return .cannotWrite }
                if let last = state.last { return last.health }
            } else if let last = state.last, now < last.time.advanced(by: Self.validity) {
                return last.health
            }
            state.askingSince = now
            return nil
        }
        if let known { return known }
        let written = await write()
        let health = written == .ok ? await read() : written
        let time = writer.clock.now().monotonic
        state.withLock { $0 = State(last: (health, time)) }
        return health
    }

    private func write() async -> Health {
        do {
            let isSuspect = writer.hasFailed
            try await writer.perform { context in
                if isSuspect { try context.transaction.meta.probe() }
            }
            return .ok
        } catch {
            return error as? WriteError == .shuttingDown ? .shuttingDown : .cannotWrite
        }
    }

    private func read() async -> Health {
        do {
            _ = try await writer.store.read { try $0.meta.position() }
            return .ok
        } catch {
            return .cannotRead
        }
    }
}

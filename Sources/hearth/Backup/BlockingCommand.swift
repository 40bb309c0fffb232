import Dispatch
import Synchronization
import UnixSignals

/// Runs work that blocks for long on a thread of its own, and ends it in good order when the program is interrupted.
enum BlockingCommand {
    /// Tells work between two pieces whether to go on.
    final class Interruption: Sendable {
        private let isAsked = Mutex(false)

        func ask() { isAsked.withLock { $0 = true } }

        /// - Throws: a sentence once the program was interrupted.
        func check() throws(CommandFailure) {
            if isAsked.withLock({ $0 }) { throw CommandFailure("interrupted; nothing was left behind") }
        }
    }

    static func run<Value: Sendable>(_ work: @escaping @Sendable (Interruption) throws -> Value) async throws -> Value {
        let interruption = Interruption()
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in signals { interruption.ask() }
            }
            defer { group.cancelAll() }
            return try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async { continuation.resume(with: Result { try work(interruption) }) }
            }
        }
    }
}

import HearthStore
public import Logging
import MatrixModel
public import ServiceLifecycle

/// Does what operations left to be done after them, one step at a time.
///
/// A step is an operation of the writer like any other, and no longer than the operation of one request. What has to be done in any
/// case is remembered in the store until it is done: a start goes on with it.
public final class FollowUps: Service {
    typealias Step = @Sendable (WriteContext, FollowUpQueue.Pending) throws -> FollowUp.Cursor?

    /// How long it waits after the writer or the disk failed, which is nobody's fault and would be the next one's too.
    private static let breath: Duration = .seconds(1)

    private let writer: RoomWriter
    private let logger: Logger
    private let step: Step
    private var queue: FollowUpQueue { writer.followUps }

    public convenience init(writer: RoomWriter, logger: Logger) {
        self.init(writer: writer, logger: logger) { try $0.step(of: $1) }
    }

    init(writer: RoomWriter, logger: Logger, step: @escaping Step) {
        self.writer = writer
        self.logger = logger
        self.step = step
    }

    /// Ends ``run()``.
    public func stop() { queue.alarm.silence() }

    public func run() async throws {
        await withGracefulShutdownHandler {
            while !queue.alarm.isSilenced {
                switch queue.next(at: writer.clock.now().monotonic) {
                case .step(let pending): await takeStep(of: pending)
                case .wait(let duration): await queue.alarm.wait(for: duration)
                }
            }
        } onGracefulShutdown: {
            self.stop()
        }
    }

    private func takeStep(of pending: FollowUpQueue.Pending) async {
        do {
            let cursor = try await writer.perform { [step] context in
                let next = try step(context, pending)
                if next == nil, let name = pending.followUp.storedName {
                    try context.transaction.meta.noteFinished(name, generation: pending.generation)
                }
                return next
            }
            guard let cursor else { return }
            var rest = pending
            rest.cursor = cursor
            rest.failures = 0
            queue.putBack(rest)
        } catch {
            queue.putBack(failed: pending, at: writer.clock.now().monotonic)
            if queue.alarm.isSilenced { return }
            logger.warning(
                "what a change brings with it could not go on; it is tried again",
                metadata: ["tries": "\(pending.failures + 1)", "reason": "\(error)"])
            if error is WriteError { await queue.alarm.wait(for: Self.breath) }
        }
    }
}

import HearthRuntime
import HearthStore
import Logging
import MatrixModel
public import ServiceLifecycle

/// Does what operations left to be done after them, one step at a time.
///
/// A step is an operation of the writer like any other, and no longer than the operation of one request. What has to be done in any
/// case is remembered in the store until it is done: a start goes on with it.
public final class FollowUps: Service {
    /// Does a bounded part of a follow-up; returns where the next part begins, nil when all is done.
    typealias Step = @Sendable (FollowUpQueue.Pending, WriteContext) throws -> FollowUp.Cursor?

    /// How long it waits after the writer or the disk failed, which is nobody's fault and would be the next one's too.
    private static let breath: Duration = .seconds(1)

    private let writer: RoomWriter
    private let clock: any ServerClock
    private let queue: FollowUpQueue
    private let steps: [FollowUp.Kind: Step]
    private let logger: Logger

    /// - Parameter steps: how the follow-ups of each kind go on; one of a kind that is not there is done.
    init(writer: RoomWriter, clock: any ServerClock, queue: FollowUpQueue, steps: [FollowUp.Kind: Step], logger: Logger) {
        self.writer = writer
        self.clock = clock
        self.queue = queue
        self.steps = steps
        self.logger = logger
    }

    /// Ends ``run()``.
    public func stop() { queue.alarm.silence() }

    public func run() async throws {
        await TimedLoop(queue.alarm).run {
            switch queue.next(at: clock.now().monotonic) {
            case .step(let pending):
                await takeStep(of: pending)
                return .turn
            case .wait(let duration): return .sleep(duration)
            }
        }
    }

    private func takeStep(of pending: FollowUpQueue.Pending) async {
        do {
            let cursor = try await writer.perform(as: .housekeeping) { [steps] context in
                let next = try steps[pending.followUp.kind]?(pending, context)
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
            queue.putBack(failed: pending, at: clock.now().monotonic)
            if queue.alarm.isSilenced { return }
            logger.warning(
                "what a change brings with it could not go on; it is tried again",
                metadata: ["tries": "\(pending.failures + 1)", "reason": "\(error)"])
            if error is WriteError { await queue.alarm.wait(for: Self.breath) }
        }
    }
}

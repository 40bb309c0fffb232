import HearthStore
public import Logging
public import ServiceLifecycle

/// Does what operations left to be done after them, one step at a time.
///
/// A step is an operation of the writer like any other, and no longer than the operation of one request. What has to be done in any
/// case is remembered in the store until it is done: a start goes on with it.
public final class FollowUps: Service {
    /// How long it waits after a step failed.
    private static let pause: Duration = .seconds(5)

    private let writer: RoomWriter
    private let logger: Logger
    private var queue: FollowUpQueue { writer.followUps }

    public init(writer: RoomWriter, logger: Logger) {
        self.writer = writer
        self.logger = logger
    }

    /// Ends ``run()``.
    public func stop() { queue.alarm.silence() }

    public func run() async throws {
        await withGracefulShutdownHandler {
            while !queue.alarm.isSilenced {
                guard let pending = queue.next() else {
                    await queue.alarm.wait(for: nil)
                    continue
                }
                await takeStep(of: pending)
            }
        } onGracefulShutdown: {
            self.stop()
        }
    }

    private func takeStep(of pending: FollowUpQueue.Pending) async {
        do {
            let cursor = try await writer.perform { context in
                let next = try context.step(of: pending.followUp, from: pending.cursor, isFirst: false)
                if next == nil, let name = pending.followUp.storedName {
                    try context.transaction.meta.noteFinished(name, generation: pending.generation)
                }
                return next
            }
            guard let cursor else { return }
            var rest = pending
            rest.cursor = cursor
            queue.putBack(rest)
        } catch {
            queue.putBack(pending)
            if queue.alarm.isSilenced { return }
            logger.warning("what a change brings with it could not go on; it is tried again", metadata: ["reason": "\(error)"])
            await queue.alarm.wait(for: Self.pause)
        }
    }
}

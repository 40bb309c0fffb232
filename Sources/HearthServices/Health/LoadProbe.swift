import HearthRuntime
import HearthStore
public import ServiceLifecycle

/// Measures how long work waits, and tells ``Admission``.
///
/// For the processor it goes to the end of the queue that all tasks stand in, and takes the time until its turn: no clock has to be
/// read for any request, and no client can pretend a queue by sending its requests in an odd way. For the database it asks its two sides.
public final class LoadProbe: Service {
    private static let interval: Duration = .milliseconds(50)
    /// While nobody asks for anything.
    private static let idleInterval: Duration = .milliseconds(250)

    private let admission: Admission
    private let store: Store
    private let clock: any ServerClock
    private let writer: RoomWriter
    private let alarm: Alarm

    init(admission: Admission, store: Store, clock: any ServerClock, writer: RoomWriter) {
        self.admission = admission
        self.store = store
        self.clock = clock
        self.writer = writer
        alarm = Alarm(clock: clock)
    }

    /// Ends ``run()``.
    public func stop() { alarm.silence() }

    public func run() async throws {
        var arrivals = admission.arrivalCount
        await TimedLoop(alarm).run(first: .sleep(Self.interval)) {
            let before = ContinuousClock.now
            await Task.yield()
            let wait = ContinuousClock.now - before
            let readerWait = ExpectedWait(
                behindAll: store.expectedReadWait(),
                inTurn: store.expectedReadWait(behind: admission.waitingReaders))
            admission.observed(processorWait: wait, writerWait: writer.expectedWait, readerWait: readerWait)
            defer { arrivals = admission.arrivalCount }
            return .sleep(admission.arrivalCount == arrivals ? Self.idleInterval : Self.interval)
        }
    }
}

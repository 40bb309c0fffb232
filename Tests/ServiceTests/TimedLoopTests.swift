import HearthRuntime
import MatrixModel
import Synchronization
import TestSupport
import Testing

@Suite("Timed loops")
struct TimedLoopTests {
    private let clock = TestClock()
    private let turns = Turns()

    private final class Turns: Sendable {
        private let state = Mutex(0)

        var count: Int { state.withLock { $0 } }

        func next() -> Int {
            state.withLock { count in
                count += 1
                return count
            }
        }
    }

    @Test("a loop takes a turn when its time has come and when somebody rings, and none once it is silenced")
    func sleeps() async throws {
        let alarm = Alarm(clock: clock)
        let start = clock.now().monotonic
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [turns] in
                await TimedLoop(alarm).run(first: .sleep(.seconds(5))) {
                    _ = turns.next()
                    return .sleep(.seconds(60))
                }
            }
            defer { alarm.silence() }
            try await eventually { clock.nextWake == start.advanced(by: .seconds(5)) }
            #expect(turns.count == 0)
            clock.advance(by: .seconds(5))
            try await eventually { clock.nextWake == start.advanced(by: .seconds(65)) }
            #expect(turns.count == 1)
            alarm.ring()
            try await eventually { turns.count == 2 }
        }
        #expect(turns.count == 2)
    }

    @Test("a loop that has more to do does not sleep in between; silenced in a turn, it ends after that one")
    func goesOn() async {
        let alarm = Alarm(clock: clock)
        await TimedLoop(alarm).run {
            if turns.next() == 3 { alarm.silence() }
            return .turn
        }
        #expect(turns.count == 3)
        #expect(clock.nextWake == nil)
    }

    @Test(
        "a loop that was silenced before it began takes no turn, whatever comes first",
        arguments: [nil, .seconds(1)] as [Duration?])
    func silencedBefore(first: Duration?) async {
        let alarm = Alarm(clock: clock)
        alarm.silence()
        await TimedLoop(alarm).run(first: .sleep(first)) {
            _ = turns.next()
            return .turn
        }
        #expect(turns.count == 0)
    }

    @Test(
        "a loop that is cancelled ends, whatever it waits for, and if it never waits",
        arguments: [.sleep(nil), .sleep(.seconds(3_600)), .turn] as [TimedLoop.Next])
    func cancelled(next: TimedLoop.Next) async {
        let alarm = Alarm(clock: clock)
        let loop = Task {
            await TimedLoop(alarm).run {
                await Task.yield()
                return next
            }
        }
        loop.cancel()
        await loop.value
        #expect(alarm.isSilenced)
    }

    private func eventually(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition() {
            guard ContinuousClock.now < deadline else {
                Issue.record("not within a minute")
                throw CancellationError()
            }
            await Task.yield()
        }
    }
}

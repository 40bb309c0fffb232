import ServiceLifecycle

/// The loop of a service: it takes turns, and sleeps between them until there is something to do.
///
/// The cycle: a turn does what is due and says what follows; the loop sleeps for that long, or until its ``Alarm`` rings. It ends after the
/// turn in which the alarm was silenced: by the service, by a graceful shutdown, or because the loop's task was cancelled.
package struct TimedLoop: Sendable {
    /// What follows a turn.
    package enum Next: Sendable {
        /// Another turn, at once.
        case turn
        /// A sleep, and then another turn; nil sleeps until the alarm rings.
        case sleep(Duration?)
    }

    private let alarm: Alarm

    package init(_ alarm: Alarm) { self.alarm = alarm }

    /// - Parameter first: what comes before the first turn.
    package func run(first: Next = .turn, _ turn: () async -> Next) async {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await sleep(before: first)
                while !alarm.isSilenced { await sleep(before: await turn()) }
            } onGracefulShutdown: {
                alarm.silence()
            }
        } onCancel: {
            // Also of a loop whose turns follow one another and never sleep.
            alarm.silence()
        }
    }

    private func sleep(before next: Next) async {
        if case .sleep(let duration) = next { await alarm.wait(for: duration) }
    }
}

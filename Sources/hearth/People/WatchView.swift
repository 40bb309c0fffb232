import HearthClient
import MatrixModel
import Synchronization

/// Nobody reads the output any more.
struct OutputClosed: Error {}

/// How `hearth watch` shows what it is told.
enum WatchView: Sendable {
    /// A screen that is drawn again with each change.
    case screen(LiveScreen, Frame)
    /// A line a change.
    case lines
    /// A JSON object a change.
    case json

    /// The frame as it stands, guarded by its lock.
    final class Frame: Sendable {
        let frame = Mutex(WatchFrame())
    }

    /// - Throws: ``OutputClosed``.
    func show(_ event: Watcher.Event) throws {
        switch self {
        case .screen(let screen, let frame):
            frame.frame.withLock { $0.take(event) }
            try redraw(screen, frame)
        case .lines:
            try tellConnection(event)
            guard case .people(_, let changed) = event else { return }
            let line = PersonLine(
                style: .plain, now: SystemTime.now(), clock: SystemTime.clock, nameWidth: PersonLine.nameWidth(of: changed),
                tellsLastActive: false)
            let time = SystemTime.clock.civil(SystemTime.now())
            for person in changed { try print("\(time.clockText):\(time.secondText)  \(line.text(of: person))") }
        case .json:
            try tellConnection(event)
            guard case .people(_, let changed) = event else { return }
            for person in changed {
                guard StandardStreams.print(person.json.merging(["ts": .integer(SystemTime.now().milliseconds)]).bytes) else {
                    throw OutputClosed()
                }
            }
        }
    }

    /// Draws again, for another size or because time went by.
    func refresh() throws {
        if case .screen(let screen, let frame) = self { try redraw(screen, frame, again: true) }
    }

    func close() {
        if case .screen(let screen, _) = self { screen.leave() }
    }

    private func redraw(_ screen: LiveScreen, _ frame: Frame, again: Bool = false) throws {
        let size = Terminal.size()
        let lines = frame.frame.withLock {
            $0.lines(
                columns: size.columns, rows: size.rows, style: Terminal.style, now: SystemTime.now(), clock: SystemTime.clock)
        }
        guard screen.draw(lines, again: again) else { throw OutputClosed() }
    }

    private func tellConnection(_ event: Watcher.Event) throws {
        switch event {
        case .people: break
        case .refused(let refusals):
            for (id, sentence) in refusals.sorted(by: { $0.key < $1.key }) {
                StandardStreams.printError("hearth: \(SafeText.neutralised(id)): \(sentence)")
            }
        case .lost(let error, let wait):
            StandardStreams.printError("hearth: connection lost: \(error); trying again in \(wait.roundedSeconds) s")
        case .restored: StandardStreams.printError("hearth: connected again")
        }
    }

    private func print(_ line: String) throws {
        guard StandardStreams.print(line) else { throw OutputClosed() }
    }
}

extension WatchFrame {
    mutating func take(_ event: Watcher.Event) {
        switch event {
        case .people(let roster, _):
            people = Array(roster.people.values)
            connection = .live
        case .refused(let refusals): self.refusals.merge(refusals) { _, new in new }
        case .lost(let error, let wait): connection = .lost(reason: "\(error); trying again in \(wait.roundedSeconds) s")
        case .restored: connection = .live
        }
    }
}

extension Duration {
    fileprivate var roundedSeconds: Int64 { max(1, (wholeMilliseconds + 500) / 1000) }
}

extension CivilTime {
    /// Two digits.
    fileprivate var secondText: String { second < 10 ? "0\(second)" : "\(second)" }
}

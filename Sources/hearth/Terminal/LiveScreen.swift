import Synchronization

/// A terminal's second screen, on which a view is drawn over and over; leaving it brings back what was there before.
final class LiveScreen: Sendable {
    private struct State {
        var drawn: [String] = []
        var isOpen = true
    }

    private let state = Mutex(State())

    init() { StandardStreams.put("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J") }

    /// Shows these lines and nothing else; false when the terminal is gone.
    @discardableResult
    func draw(_ lines: [String], again: Bool = false) -> Bool {
        state.withLock { state in
            guard state.isOpen else { return true }
            guard again || lines != state.drawn else { return true }
            state.drawn = lines
            let body = lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n")
            return StandardStreams.put("\u{1B}[?2026h\u{1B}[H\(body)\u{1B}[J\u{1B}[?2026l")
        }
    }

    /// Gives the terminal back as it was; nothing happens the second time.
    func leave() {
        state.withLock { state in
            guard state.isOpen else { return }
            state.isOpen = false
            StandardStreams.put("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
        }
    }
}

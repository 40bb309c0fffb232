import Foundation
import Synchronization

/// How far something is, on one line of the standard error that is drawn over; nothing at all where that is no terminal.
final class ProgressBar: Sendable {
    private static let width = 30

    private let shown = Mutex(-1)
    private let isVisible = isatty(STDERR_FILENO) == 1

    /// - Parameter part: from 0 to 1.
    func show(_ part: Double, _ what: String) {
        let percent = Int((min(max(part, 0), 1) * 100).rounded(.down))
        guard isVisible,
            shown.withLock({ shown in
                defer { shown = percent }
                return shown != percent
            })
        else { return }
        let filled = percent * Self.width / 100
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
        StandardStreams.putError("\r\(bar) \(percent) %  \(what)\u{1B}[K")
    }

    /// Removes the line.
    func finish() {
        if isVisible { StandardStreams.putError("\r\u{1B}[K") }
    }
}

import Foundation
import HearthClient

/// What is known of the terminal at the standard output, if there is one.
enum Terminal {
    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether a live view can be drawn.
    static var canDraw: Bool {
        outputIsTerminal && !["", "dumb"].contains(ProcessInfo.processInfo.environment["TERM"] ?? "")
    }

    /// Colours on a terminal, unless its user wants none ([NO_COLOR](https://no-color.org)).
    static var style: LineStyle {
        let refuses = !(ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
        return canDraw && !refuses ? .coloured : .plain
    }

    static func size() -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}

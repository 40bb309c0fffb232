public import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A terminal without a screen: what a program draws on it can be read.
public final class PseudoTerminal: Sendable {
    /// What a program opens.
    public let device: URL
    private let master: Int32
    /// Held open, so that the terminal outlives the programs on it.
    private let slave: Int32
    private let collected = Mutex<[UInt8]>([])

    public init(columns: UInt16 = 80, rows: UInt16 = 24) throws {
        var (master, slave): (Int32, Int32) = (-1, -1)
        var name = [CChar](repeating: 0, count: 256)
        guard openpty(&master, &slave, &name, nil, nil) == 0 else { throw HearthProcessError("there is no pseudo-terminal") }
        (self.master, self.slave) = (master, slave)
        device = URL(filePath: String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        _ = fcntl(master, F_SETFL, fcntl(master, F_GETFL) | O_NONBLOCK)
        _ = fcntl(master, F_SETFD, FD_CLOEXEC)
        _ = fcntl(slave, F_SETFD, FD_CLOEXEC)
        resize(columns: columns, rows: rows)
    }

    deinit {
        close(master)
        close(slave)
    }

    public func resize(columns: UInt16, rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    /// Everything that was written to it so far, escape sequences included.
    public var output: String {
        collected.withLock { collected in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(master, &buffer, buffer.count)
                guard count > 0 else { break }
                collected += buffer[..<count]
            }
            return String(decoding: collected, as: UTF8.self)
        }
    }

    /// Types text.
    public func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(master, bytes, bytes.count)
    }

    /// Waits until what was written satisfies the condition.
    public func waitForOutput(within limit: Duration = .seconds(20), _ condition: (String) -> Bool) async throws {
        try await RunningCommand.wait(within: limit, for: { output }, condition)
    }

    /// Whether the keys that are typed show: what a program that hides a password must put back.
    public var echoes: Bool {
        var state = termios()
        guard tcgetattr(slave, &state) == 0 else { return false }
        return state.c_lflag & tcflag_t(ECHO) != 0
    }
}

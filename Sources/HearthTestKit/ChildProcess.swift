import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A started program whose two outputs go to files. It is reaped exactly once, and no later than this process ends.
///
/// Files instead of pipes: nobody has to keep reading, and what a killed program wrote last is still there to be shown.
/// The child stays in this process's group, so that an interrupt from the terminal reaches both.
final class ChildProcess: Sendable {
    enum Exit: Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    let pid: pid_t
    private let exit = Mutex<Exit?>(nil)

    /// - Parameter changes: to this process's environment, which the child gets; nil takes a variable away.
    init(
        executable: String, arguments: [String], output: URL, errors: URL, input: URL? = nil, changes: [String: String?] = [:]
    ) throws(HearthProcessError) {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input?.path ?? "/dev/null", O_RDONLY, 0)
        let append = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.path, append, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.path, append, 0o600)

        // The threads that run tasks block signals, and a child would inherit that: SIGTERM would never reach it.
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let words = ([executable] + arguments).map { strdup($0) }
        var variables = ProcessInfo.processInfo.environment
        for (name, value) in changes { variables[name] = value }
        let environment = variables.map { strdup("\($0.key)=\($0.value)") }
        defer { for text in words + environment { free(text) } }
        var child: pid_t = 0
        let status = posix_spawn(&child, executable, &actions, &attributes, words + [nil], environment + [nil])
        guard status == 0 else {
            throw HearthProcessError("cannot start \(executable): \(String(cString: strerror(status)))")
        }
        pid = child
        LivingChildren.add(child)
    }

    deinit { kill() }

    /// How the program ended; nil while it runs.
    var ended: Exit? { exit.withLock { reap(&$0, options: WNOHANG) } }

    /// Sends a signal; nothing happens when the program has ended.
    func signal(_ signal: Int32) {
        exit.withLock { exit in
            if reap(&exit, options: WNOHANG) == nil { sendSignal(pid, signal) }
        }
    }

    /// Ends the program at once, as a power cut would, and waits until it is gone.
    func kill() {
        signal(SIGKILL)
        exit.withLock { _ = reap(&$0, options: 0) }
    }

    /// Waits until the program ends; nil when it still runs after this time.
    func waitUntilEnded(within limit: Duration) async throws -> Exit? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let ended { return ended }
            if ContinuousClock.now >= deadline { return nil }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func reap(_ exit: inout Exit?, options: Int32) -> Exit? {
        if let exit { return exit }
        var status: Int32 = 0
        var result = waitpid(pid, &status, options)
        while result == -1 && errno == EINTR { result = waitpid(pid, &status, options) }
        guard result == pid else { return nil }
        let signal = status & 0x7F
        exit = signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
        LivingChildren.remove(pid)
        return exit
    }
}

/// The children that run now. Whatever makes this process exit, they are killed first.
private enum LivingChildren {
    private static let pids = Mutex<Set<pid_t>>([])
    private static let killAtExit: Void = {
        _ = atexit { LivingChildren.killAll() }
    }()

    static func add(_ pid: pid_t) {
        killAtExit
        pids.withLock { _ = $0.insert(pid) }
    }

    static func remove(_ pid: pid_t) {
        pids.withLock { _ = $0.remove(pid) }
    }

    private static func killAll() {
        pids.withLock { for pid in $0 { sendSignal(pid, SIGKILL) } }
    }
}

/// `kill(2)` under a name that does not hide behind the methods called so.
private func sendSignal(_ pid: pid_t, _ signal: Int32) {
    _ = kill(pid, signal)
}

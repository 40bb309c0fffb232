import MediaCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One run of the program that makes thumbnails. It blocks until the child is gone and reaped, and never longer than ``longestRun``.
///
/// The child gets the original as its standard input, a pipe as its output, and nothing else: no other file, no environment. It
/// limits its own memory and processor time; the time by the clock is limited here.
enum ThumbnailerProcess {
    static let longestRun: Duration = .seconds(30)
    /// How long a child may go on after it closed its output.
    private static let lastBreath: Duration = .seconds(1)

    /// Held from the making of a pipe until its child runs: one that started in between would get the pipe's ends too, and the output
    /// would not end before both are gone.
    private static let starting = Mutex(())

    enum Outcome: Sendable, Equatable {
        case made([UInt8])
        case undecodable
        case tooLarge
        /// It could not be started, crashed, was killed or took too long.
        case failed(String)
    }

    /// - Parameter original: an open file.
    static func run(
        _ program: String, size: ThumbnailSize, original: Int32, within limit: Duration = longestRun
    ) -> Outcome {
        let (child, output): (pid_t, Int32)
        switch starting.withLock({ _ in start(program, size: size, original: original) }) {
        case .success(let started): (child, output) = started
        case .failure(let failure): return .failed("\(failure)")
        }
        defer { close(output) }

        let deadline = ContinuousClock.now + limit
        let (bytes, complaint) = read(from: output, until: deadline)
        if complaint != nil { kill(child, SIGKILL) }
        let status = reap(child, until: min(deadline, .now + lastBreath))
        if let complaint { return .failed(complaint) }
        let signal = status & 0x7F
        guard signal == 0 else { return .failed("it died of signal \(signal)") }
        switch ThumbnailerVerdict(rawValue: status >> 8 & 0xFF) {
        case .made: return .made(bytes)
        case .undecodable: return .undecodable
        case .tooLarge: return .tooLarge
        case .failed, nil: return .failed("it ended with status \(status >> 8 & 0xFF)")
        }
    }

    /// Starts the child, and gives what reads its output.
    private static func start(
        _ program: String, size: ThumbnailSize, original: Int32
    ) -> Result<(child: pid_t, output: Int32), FileFailure> {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return .failure(FileFailure("pipe")) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let started = start(program, size: size, original: original, output: ends[1])
        close(ends[1])
        if case .failure = started { close(ends[0]) }
        return started.map { ($0, ends[0]) }
    }

    private static func start(
        _ program: String, size: ThumbnailSize, original: Int32, output: Int32
    ) -> Result<pid_t, FileFailure> {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, original, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)

        // This thread may block signals, and the child would inherit that.
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let words = [strdup(program), strdup(size.description), nil]
        // Where the loader finds the libraries is all that the child is told.
        let environment = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"].compactMap { (name: String) -> UnsafeMutablePointer<CChar>? in
            guard let value = getenv(name) else { return nil }
            return strdup("\(name)=\(String(cString: value))")
        }
        defer { for text in words + environment { free(text) } }
        var child: pid_t = 0
        let status = posix_spawn(&child, program, &actions, &attributes, words, environment + [nil])
        return status == 0 ? .success(child) : .failure(FileFailure("posix_spawn", code: status))
    }

    /// What the child wrote until it closed its output, and what is wrong with that.
    private static func read(from output: Int32, until deadline: ContinuousClock.Instant) -> ([UInt8], complaint: String?) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let left = (deadline - .now) / .milliseconds(1)
            guard left > 0 else { return ([], "it took too long") }
            var ready = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let count = poll(&ready, 1, Int32(left.rounded(.up)))
            if count < 0, errno != EINTR { return ([], "\(FileFailure("poll"))") }
            guard count > 0 else { continue }
            let taken = readSome(output, &buffer)
            if taken < 0, errno != EINTR { return ([], "\(FileFailure("read"))") }
            if taken == 0 { return (bytes, nil) }
            bytes += buffer.prefix(max(0, taken))
            if bytes.count > ThumbnailerVerdict.largestThumbnail { return ([], "it wrote too much") }
        }
    }

    /// Waits for the child, kills it when it takes too long, and returns its status. No child is left unreaped.
    private static func reap(_ child: pid_t, until deadline: ContinuousClock.Instant) -> Int32 {
        var status: Int32 = 0
        while true {
            let isOverdue = ContinuousClock.now >= deadline
            if isOverdue { kill(child, SIGKILL) }
            let result = waitpid(child, &status, isOverdue ? 0 : WNOHANG)
            if result == child { return status }
            if result < 0, errno != EINTR { return SIGKILL }
            if result == 0 { usleep(1000) }
        }
    }
}

/// `read(2)` under a name that does not hide behind the methods called so.
private func readSome(_ descriptor: Int32, _ buffer: inout [UInt8]) -> Int { read(descriptor, &buffer, buffer.count) }

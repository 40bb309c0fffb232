public import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Runs a test against a started server, and leaves neither the process nor its directory behind, however the test ends.
///
/// After a body that returned, a server that still runs is asked to end and must exit with status 0. After one that threw, what the
/// server wrote to its standard error is printed.
public func withHearth<Result>(
    settings: [String: String] = [:], arguments: [String] = [], openFiles: Int? = nil,
    _ body: (HearthProcess) async throws -> Result
) async throws -> Result {
    let hearth = try HearthProcess(settings: settings, arguments: arguments, openFiles: openFiles)
    defer { hearth.discard() }
    do {
        try await hearth.start()
        let result = try await body(hearth)
        if hearth.isRunning {
            let status = try await hearth.terminate()
            guard status == 0 else { throw HearthProcessError("the server ended with status \(status) when asked to end") }
        }
        return result
    } catch {
        FileHandle.standardError.write(Data("hearth's standard error:\n\(hearth.errorOutput)\n".utf8))
        throw error
    }
}

/// A real server: the built `hearth` on a port of its own with a fresh data directory, which survives kills and restarts.
///
/// Legal transitions: stopped -> `start` -> running -> `terminate` or `kill` -> stopped; `restart` from either; `discard` ends it.
public final class HearthProcess: Sendable {
    private struct State {
        var process: ChildProcess?
        var baseURL: String?
        var starts = 0
    }

    /// The directory that the server owns; the same through restarts.
    public let dataDirectory: URL
    private let directory: URL
    private let binary: String
    private let arguments: [String]
    private let openFiles: Int?
    private let state = Mutex(State())

    /// A server that is not started yet.
    ///
    /// `settings` become `--set KEY=VALUE` and win over the ones that make tests quick; `arguments` follow as they are.
    /// `openFiles` is how many files and sockets the server may have open; nil leaves it as it is here.
    public init(
        settings: [String: String] = [:], arguments: [String] = [], openFiles: Int? = nil
    ) throws(HearthProcessError) {
        self.openFiles = openFiles
        binary = try BuiltBinary.path()
        directory = FileManager.default.temporaryDirectory.appending(path: "hearth-\(UUID().uuidString)")
        dataDirectory = directory.appending(path: "data")
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        } catch {
            throw HearthProcessError("cannot make \(directory.path): \(error)")
        }
        let quick = [
            "accounts.password_cost": "4", "limits.longest_wait": "1s", "rate_limits.enabled": "false",
            "registration.open": "true",
        ]
        let merged = quick.merging(settings) { _, given in given }
        self.arguments =
            [
                "serve", "--server-name", "localhost", "--listen", "127.0.0.1:0", "--data", dataDirectory.path,
            ]
            + merged.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0.key)=\($0.value)"] } + arguments
    }

    deinit { discard() }

    /// The system's number for the running process; nil before the first start.
    public var processID: Int32? { state.withLock { $0.process?.pid } }

    public var isRunning: Bool { state.withLock { $0.process.map { $0.ended == nil } ?? false } }

    /// Where the server listens, such as `http://127.0.0.1:40123`; after a restart it is another port.
    public var baseURL: String {
        get throws(HearthProcessError) {
            guard let url = state.withLock({ $0.baseURL }) else { throw HearthProcessError("the server was never started") }
            return url
        }
    }

    /// A client that is not logged in.
    public var client: MatrixClient { MatrixClient { [self] in try baseURL } }

    /// All that the server wrote to its standard error, through all starts.
    public var errorOutput: String { read(directory.appending(path: "stderr.log")) }

    /// The base URL of another listener of this start, by the word that its line on the standard output begins with.
    public func listenerURL(_ word: String, within limit: Duration = .seconds(10)) async throws -> String {
        let output = state.withLock { directory.appending(path: "stdout-\($0.starts).log") }
        let deadline = ContinuousClock.now + limit
        repeat {
            for line in read(output).split(separator: "\n") where line.hasPrefix("\(word) ") {
                guard let start = line.range(of: "http://")?.upperBound else { continue }
                return "http://" + line[start...].prefix { $0 != "/" }
            }
            try await Task.sleep(for: .milliseconds(5))
        } while ContinuousClock.now < deadline
        throw HearthProcessError("no line of the server begins with \(word): \(read(output))")
    }

    /// Starts the server and returns once it listens.
    public func start(within limit: Duration = .seconds(60)) async throws {
        let number = state.withLock { state in
            state.starts += 1
            return state.starts
        }
        guard !isRunning else { throw HearthProcessError("the server runs already") }
        let output = directory.appending(path: "stdout-\(number).log")
        // A shell lowers its own limit and becomes the server.
        let program = openFiles.map { ("/bin/sh", ["-c", "ulimit -n \($0) && exec \"$0\" \"$@\"", binary] + arguments) }
        let process = try ChildProcess(
            executable: program?.0 ?? binary, arguments: program?.1 ?? arguments, output: output,
            errors: directory.appending(path: "stderr.log"))
        state.withLock { $0.process = process }

        let deadline = ContinuousClock.now + limit
        while true {
            let ended = process.ended
            if let url = Self.listeningURL(in: read(output)) {
                state.withLock { $0.baseURL = url }
                return
            }
            if let ended { throw HearthProcessError("the server ended before it listened (\(ended)): \(errorOutput)") }
            if ContinuousClock.now >= deadline {
                process.kill()
                throw HearthProcessError("the server did not listen within \(limit)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Asks the server to end (SIGTERM), waits for it and returns its exit status; one that ended by a signal throws.
    @discardableResult
    public func terminate(within limit: Duration = .seconds(30)) async throws -> Int32 {
        guard let process = state.withLock({ $0.process }) else { throw HearthProcessError("the server was never started") }
        process.signal(SIGTERM)
        switch try await process.waitUntilEnded(within: limit) {
        case .exited(let status): return status
        case .signalled(let signal): throw HearthProcessError("the server died of signal \(signal)")
        case nil:
            process.kill()
            throw HearthProcessError("the server still ran \(limit) after SIGTERM and was killed")
        }
    }

    /// Kills the server (SIGKILL), as a power cut would, and returns when it is gone.
    public func kill() {
        state.withLock { $0.process }?.kill()
    }

    /// Stops the server in the middle of what it does (SIGSTOP), and lets it go on after a while.
    public func halt(for time: Duration) async throws {
        guard let process = state.withLock({ $0.process }) else { throw HearthProcessError("the server was never started") }
        process.signal(SIGSTOP)
        defer { process.signal(SIGCONT) }
        try await Task.sleep(for: time)
    }

    /// Starts the server again on its data; one that still runs is asked to end first.
    public func restart() async throws {
        if isRunning { try await terminate() }
        try await start()
    }

    /// Runs another command of the binary on this data directory, such as `["room", "list"]`, and returns what it printed.
    public func command(_ words: [String], within limit: Duration = .seconds(60)) async throws -> String {
        let name = UUID().uuidString
        let (output, errors) = (directory.appending(path: "\(name).out"), directory.appending(path: "\(name).err"))
        let process = try ChildProcess(
            executable: binary, arguments: words + ["--data", dataDirectory.path], output: output, errors: errors)
        let ended = try await process.waitUntilEnded(within: limit)
        guard ended == .exited(0) else {
            let how = ended.map { "\($0)" } ?? "still running after \(limit)"
            throw HearthProcessError("hearth \(words.joined(separator: " ")): \(how): \(read(errors))")
        }
        return read(output)
    }

    /// Starts another command of the binary as it is, and returns while it runs.
    ///
    /// - Parameters:
    ///   - environment: changes to this process's environment; nil takes a variable away.
    ///   - input: what the command reads on its standard input.
    ///   - terminal: takes its three streams in place of files.
    public func startCommand(
        _ words: [String], environment: [String: String?] = [:], input: String = "", terminal: PseudoTerminal? = nil
    ) throws -> RunningCommand {
        try RunningCommand(
            executable: binary, words: words, environment: environment, input: input, terminal: terminal, directory: directory)
    }

    /// Runs another command of the binary as it is, to its end.
    public func run(
        _ words: [String], environment: [String: String?] = [:], input: String = "", within limit: Duration = .seconds(60)
    ) async throws -> CommandResult {
        let command = try startCommand(words, environment: environment, input: input)
        return CommandResult(
            status: try await command.end(within: limit), output: command.output, errors: command.errorOutput)
    }

    /// What `hearth login` keeps for this client, as its two variables in the environment.
    public func environment(of client: MatrixClient) throws -> [String: String?] {
        ["HEARTH_URL": try baseURL, "HEARTH_TOKEN": client.session?.accessToken]
    }

    /// A file or directory that does not exist yet, and goes with the server's own.
    public func path(_ name: String) -> String { directory.appending(path: name).path }

    /// Kills the server if it runs and removes its directory. The server cannot be started again.
    public func discard() {
        kill()
        do {
            try FileManager.default.removeItem(at: directory)
        } catch CocoaError.fileNoSuchFile {
            return
        } catch {
            FileHandle.standardError.write(Data("cannot remove \(directory.path): \(error)\n".utf8))
        }
    }

    private func read(_ file: URL) -> String {
        String(decoding: FileManager.default.contents(atPath: file.path) ?? Data(), as: UTF8.self)
    }

    /// The URL of the line `listening on http://HOST:PORT`, once that line is whole.
    static func listeningURL(in output: String) -> String? {
        guard let start = output.range(of: "listening on http://"),
            let end = output[start.upperBound...].firstIndex(where: \.isWhitespace)
        else { return nil }
        return "http://" + output[start.upperBound..<end]
    }
}

/// Why a server could not be started, ended or used.
public struct HearthProcessError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How a command ended, and what it wrote.
public struct CommandResult: Sendable {
    public let status: Int32
    public let output: String
    public let errors: String

    /// The lines of the output.
    public var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// A command of the binary that runs beside the test. It is killed no later than this goes away.
public final class RunningCommand: Sendable {
    private let process: ChildProcess
    private let outputFile: URL
    private let errorFile: URL
    private let words: [String]

    init(
        executable: String, words: [String], environment: [String: String?], input: String, terminal: PseudoTerminal?,
        directory: URL
    ) throws {
        self.words = words
        let name = UUID().uuidString
        if let terminal {
            (outputFile, errorFile) = (terminal.device, terminal.device)
            process = try ChildProcess(
                executable: executable, arguments: words, output: outputFile, errors: errorFile, input: terminal.device,
                changes: environment)
            return
        }
        (outputFile, errorFile) = (directory.appending(path: "\(name).out"), directory.appending(path: "\(name).err"))
        let inputFile = directory.appending(path: "\(name).in")
        try Data(input.utf8).write(to: inputFile)
        process = try ChildProcess(
            executable: executable, arguments: words, output: outputFile, errors: errorFile, input: inputFile,
            changes: environment)
    }

    /// What it wrote so far; empty where it writes to a terminal.
    public var output: String { read(outputFile) }
    public var errorOutput: String { read(errorFile) }

    public var isRunning: Bool { process.ended == nil }

    /// The system's number of the process, which somebody else may have once it has ended.
    public var processID: Int32 { process.pid }

    /// Whether it has a file open that is below the directory and has no name (Linux).
    public func isWriting(below directory: String) -> Bool {
        let root = URL(filePath: directory).resolvingSymlinksInPath().path
        let descriptors = "/proc/\(process.pid)/fd"
        do {
            return try FileManager.default.contentsOfDirectory(atPath: descriptors).contains { name in
                let target = try FileManager.default.destinationOfSymbolicLink(atPath: "\(descriptors)/\(name)")
                return target.hasPrefix(root) && target.hasSuffix(" (deleted)")
            }
        } catch {
            return false
        }
    }

    public func interrupt() { process.signal(SIGINT) }
    public func tellSizeChanged() { process.signal(SIGWINCH) }
    public func kill() { process.kill() }

    /// Waits for the end and returns the exit status; a signal, or no end in time, throws.
    public func end(within limit: Duration = .seconds(30)) async throws -> Int32 {
        switch try await process.waitUntilEnded(within: limit) {
        case .exited(let status): return status
        case .signalled(let signal): throw HearthProcessError("hearth \(words.joined(separator: " ")) died of signal \(signal)")
        case nil:
            process.kill()
            throw HearthProcessError("hearth \(words.joined(separator: " ")) still ran after \(limit): \(output) \(errorOutput)")
        }
    }

    /// Waits until what it wrote satisfies the condition.
    public func waitForOutput(within limit: Duration = .seconds(20), _ condition: (String) -> Bool) async throws {
        try await Self.wait(within: limit, for: { output }, condition)
    }

    /// Waits until what it wrote to its standard error satisfies the condition.
    public func waitForErrors(within limit: Duration = .seconds(20), _ condition: (String) -> Bool) async throws {
        try await Self.wait(within: limit, for: { errorOutput }, condition)
    }

    static func wait(within limit: Duration, for text: () -> String, _ condition: (String) -> Bool) async throws {
        let deadline = ContinuousClock.now + limit
        while !condition(text()) {
            guard ContinuousClock.now < deadline else {
                throw HearthProcessError("the awaited output did not come within \(limit); there is: \(text())")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func read(_ file: URL) -> String {
        guard file.path.hasPrefix("/dev/") == false else { return "" }
        return String(decoding: FileManager.default.contents(atPath: file.path) ?? Data(), as: UTF8.self)
    }
}

import Foundation

/// A Hearth of the generator's own: a fresh data directory, limits off, one port through restarts.
@BenchActor
final class HearthServer {
    private let binary: String
    private let directory: URL
    var data: URL { directory.appending(path: "data") }
    private let settings: [String]
    private var process: Process?
    private var port = 0

    init(binary: String, settings: [String] = []) throws {
        self.binary = binary
        self.settings = settings
        directory = FileManager.default.temporaryDirectory.appending(path: "hearth-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    /// Starts the server and returns once it listens.
    func start() async throws -> Homeserver {
        let output = directory.appending(path: "out.log")
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: binary)
        let quick = [
            "accounts.password_cost=4", "rate_limits.enabled=false", "registration.open=true", "presence.audience=everyone",
        ]
        process.arguments =
            [
                "serve", "--server-name", "localhost", "--listen", "127.0.0.1:\(port)", "--data",
                data.path,
            ]
            + (quick + settings).flatMap { ["--set", $0] }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.standardError
        try process.run()
        self.process = process
        for _ in 0..<30_000 {
            let text = try String(contentsOf: output, encoding: .utf8)
            if let range = text.range(of: "http://127.0.0.1:") {
                port = Int(text[range.upperBound...].prefix { $0.isNumber }) ?? 0
                break
            }
            guard process.isRunning else { throw BenchError("the server ended before it listened") }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try await Homeserver.found(at: "http://127.0.0.1:\(port)", name: "hearth", processes: [process.processIdentifier])
    }

    func stop() async throws {
        guard let process, process.isRunning else { return }
        process.terminate()
        while process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
    }

    func discard() throws {
        if let process, process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try FileManager.default.removeItem(at: directory)
    }

    var databaseBytes: Int {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: data.path).reduce(0) { sum, file in
                let path = data.appending(path: file).path
                return sum + (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0)
            }
        }
    }
}

import Foundation
import MatrixModel
import Synchronization

/// Somebody who has nothing to do with what others do to the server: syncs, sends, reads and logs in meanwhile, and times each request.
///
/// The server must not be a second late for a bystander, whatever one client does: `docs/security.md`.
public struct Bystander: Sendable {
    /// What a stranger has to wait at most at the 99th percentile: 250 ms from a release, a second from a debug build.
    public static var patience: Duration {
        let binary = ProcessInfo.processInfo.environment["HEARTH_BINARY"] ?? ""
        return binary.contains("release") ? .milliseconds(250) : .seconds(1)
    }

    /// Settings that leave the server's limits as they come out of the box, where ``withHearth(settings:arguments:openFiles:_:)`` lifts some.
    public static let defaultLimits = ["limits.longest_wait": "100ms", "rate_limits.enabled": "true"]

    private static let password = "correct horse battery staple"

    private let client: MatrixClient
    private let other: MatrixClient
    private let name: String
    private let room: String

    /// Two users who share a room; registered before the attack begins.
    public init(on hearth: HearthProcess, name: String = "bystander") async throws {
        self.name = name
        client = try await hearth.client.register(name, password: Self.password)
        other = try await hearth.client.register("\(name)-other", password: Self.password)
        room = try await client.createRoom(["preset": "public_chat"])
        try await other.join(room)
    }

    /// Runs the attack, and meanwhile sends, waits for the message in another's sync, reads what was sent, and logs in, over and over.
    ///
    /// Goes on until the attack has returned, and for at least `rounds` rounds. An attack that throws ends it.
    public func whileEnduring<Result: Sendable>(
        rounds: Int = 5, _ attack: @escaping @Sendable () async throws -> Result
    ) async throws -> (Result, BystanderReport) {
        let attackIsOver = Flag()
        let start = try await other.sync(setPresence: "offline").nextBatch
        return try await withThrowingTaskGroup(of: BystanderReport?.self) { group in
            group.addTask {
                var report = BystanderReport()
                var since = start
                while !attackIsOver.isSet || report.rounds < rounds {
                    since = try await round(&report, since: since)
                    try await Task.sleep(for: .milliseconds(20))
                }
                return report
            }
            let result: Result
            do {
                result = try await attack()
            } catch {
                group.cancelAll()
                throw error
            }
            attackIsOver.set()
            for try await report in group { if let report { return (result, report) } }
            preconditionFailure("the group has one task, which returns a report")
        }
    }

    private func round(_ report: inout BystanderReport, since: String) async throws -> String {
        let number = report.rounds
        report.rounds += 1
        await report.time("send") {
            try await client.request(
                "PUT", "/rooms/\(room)/send/m.room.message/\(name)-\(number)-\(UInt32.random(in: 0...UInt32.max))",
                body: ["msgtype": "m.text", "body": "still here"])
        }
        let query = ["since": since, "timeout": "30000", "set_presence": "offline"]
        let news = await report.time("sync") { try await other.request("GET", "/sync", query: query) }
        await report.time("read") {
            try await client.request("GET", "/rooms/\(room)/messages", query: ["dir": "b", "limit": "3"])
        }
        if report.mayLogIn() {
            await report.time("log-in") {
                try await client.request(
                    "POST", "/login",
                    body: [
                        "type": "m.login.password", "password": .string(Self.password), "device_id": "BYSTANDER",
                        "identifier": ["type": "m.id.user", "user": .string(name)],
                    ])
            }
        }
        return news?["next_batch"]?.stringValue ?? since
    }
}

/// How long a bystander's requests took, and what went wrong with them.
public struct BystanderReport: Sendable {
    /// How often the bystander did everything.
    public internal(set) var rounds = 0
    private var times: [String: [Duration]] = [:]
    private var lastLogIn: ContinuousClock.Instant?
    /// Requests that were refused or failed, in words.
    public private(set) var faults: [String] = []

    /// The time that 99 of 100 requests stayed below; with fewer than a hundred it is the longest. Log-ins, which are few, are looked at by
    /// themselves: an attack that holds up nothing else is one.
    public var p99: Duration {
        let quick = times.filter { $0.key != "log-in" }.values.joined()
        return [Array(quick), times["log-in"] ?? []].map(Self.p99).max() ?? .zero
    }

    private static func p99(_ times: [Duration]) -> Duration {
        times.isEmpty ? .zero : times.sorted()[min(times.count - 1, times.count * 99 / 100)]
    }

    /// One line for the log of a test.
    public var summary: String {
        let kinds = times.sorted { $0.key < $1.key }.map { name, kind in
            let sorted = kind.sorted()
            return """
                \(name) \(kind.count)x p50 \(sorted[sorted.count / 2].wholeMilliseconds) ms, p99 \(Self.p99(kind).wholeMilliseconds) ms, \
                at most \(sorted[sorted.count - 1].wholeMilliseconds) ms
                """
        }
        return kinds.joined(separator: "; ") + (faults.isEmpty ? "" : "; \(faults.count) faults: \(faults.prefix(3))")
    }

    /// No more often than anybody may log in from one address.
    mutating func mayLogIn() -> Bool {
        if let lastLogIn, ContinuousClock.now - lastLogIn < .seconds(4) { return false }
        lastLogIn = .now
        return true
    }

    @discardableResult
    mutating func time(_ kind: String, _ request: () async throws -> MatrixResponse) async -> MatrixResponse? {
        let begin = ContinuousClock.now
        do {
            let response = try await request()
            times[kind, default: []].append(ContinuousClock.now - begin)
            if response.status != 200 { faults.append("\(kind): \(response.status) \(response.errorCode ?? "")") }
            return response
        } catch {
            times[kind, default: []].append(ContinuousClock.now - begin)
            faults.append("\(kind): \(error)")
            return nil
        }
    }
}

private final class Flag: Sendable {
    private let state = Atomic<Bool>(false)
    var isSet: Bool { state.load(ordering: .acquiring) }
    func set() { state.store(true, ordering: .releasing) }
}

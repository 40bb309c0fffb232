import Foundation

/// The figures of a run: one line of JSON each on standard output, and a table of all on standard error at the end.
@BenchActor
final class Report {
    private var rows: [[String]] = []
    private let server: String

    init(server: String) { self.server = server }

    func figure(_ name: String, _ value: Double, _ unit: String, in benchCase: String, note: String = "") {
        let number = value >= 100 ? String(format: "%.0f", value) : String(format: "%.2f", value)
        var line = #"{"server":"\#(server)","case":"\#(benchCase)","figure":"\#(name)","value":\#(number),"unit":"\#(unit)""#
        if !note.isEmpty { line += #","note":"\#(note)""# }
        FileHandle.standardOutput.write(Data((line + "}\n").utf8))
        rows.append([benchCase, name, number, unit, note])
    }

    func latencies(_ name: String, _ latencies: Latencies, in benchCase: String) {
        figure("\(name) p50", latencies.percentile(50), "ms", in: benchCase)
        figure("\(name) p99", latencies.percentile(99), "ms", in: benchCase)
        figure("\(name) max", latencies.percentile(100), "ms", in: benchCase)
    }

    func say(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

    func table() {
        let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = (0..<4).map { column in
                let gap = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 2 ? gap + row[column] : row[column] + gap
            }
            say((cells + [row[4]]).joined(separator: "  "))
        }
    }
}

/// What happens between two looks at the machine.
struct Measured {
    let elapsed: Duration
    /// CPU of the server's processes, in microseconds.
    let cpu: Double
    let memory: Int

    var seconds: Double { Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18 }

    @BenchActor
    static func run(_ server: Homeserver, _ body: @BenchActor () async throws -> Void) async throws -> Measured {
        let before = try ProcessUsage.now(of: server.processes)
        let start = ContinuousClock.now
        try await body()
        let elapsed = ContinuousClock.now - start
        let after = try ProcessUsage.now(of: server.processes)
        return Measured(elapsed: elapsed, cpu: after.cpu - before.cpu, memory: after.memory - before.memory)
    }
}

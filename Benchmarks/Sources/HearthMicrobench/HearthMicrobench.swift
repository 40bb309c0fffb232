import ArgumentParser
import Figures

/// Measures parts of Hearth by themselves, without a server around them.
@main
struct HearthMicrobench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hearth-microbench",
        abstract: "Measures parts of Hearth by themselves: one line of JSON a figure, and a table at the end.")

    @Argument(help: "The cases: engine, json, event, sync, commit.")
    var cases: [String] = ["engine", "json", "event", "sync", "commit"]
    @Option(help: "The numbers of users of engine.")
    var users: [Int] = [1_000_000, 10_000_000]
    @Option(help: "Seconds of each measurement.")
    var seconds = 2.0

    func run() async throws {
        let report = Report(server: "hearth")
        for name in cases {
            switch name {
            case "engine":
                for count in users { try EngineBench(users: count, seconds: seconds).run(report) }
            case "json": try JSONBench(seconds: seconds).run(report)
            case "event": try EventBench(seconds: seconds).run(report)
            case "sync": try SyncAnswerBench(seconds: seconds).run(report)
            case "commit": try await CommitBench(seconds: seconds).run(report)
            default: throw ValidationError("There is no case \(name).")
            }
        }
        report.table()
    }
}

import ArgumentParser
import Figures
import Foundation
import MatrixModel

/// Fills a data directory with a large server's past, so that it can be measured what growth costs.
@main
struct HearthSeed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hearth-seed",
        abstract: "Fills a new data directory with registered users and a week of their transitions.",
        discussion: """
            All of it is real: profile rooms with signed events, and one password for all. It is written in many transactions; when one of \
            the bounds is reached, what is there by then is a whole data directory with fewer users or transitions.
            """)

    @Option(help: "The data directory; it must be new.")
    var data: String
    @Option(help: "How many users to register: seed0, seed1 and so on.")
    var users = 1_000
    @Option(help: "How many transitions to publish, of users drawn at random.")
    var transitions = 0
    @Option(help: "The password of all of them.")
    var password = "bench seed"
    @Option(help: "The server's name.")
    var serverName = "localhost"
    @Option(help: "How many minutes it may take at most.")
    var minutes = 10.0
    @Option(help: "How large the directory may grow, in gigabytes.")
    var gigabytes = 6.0

    func run() async throws {
        guard let server = ServerName(serverName) else { throw ValidationError("\(serverName) is no server name.") }
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        guard try FileManager.default.contentsOfDirectory(atPath: data).isEmpty else {
            throw ValidationError("\(data) is not empty.")
        }
        let bounds = Bounds(directory: data, end: .now + .seconds(minutes * 60), bytes: Int(gigabytes * 1e9))
        let report = Report(server: "seed")
        let start = ContinuousClock.now
        let population = try await Population(directory: data, server: server, password: password)
        // A third of the time is left for transitions, if there are to be any.
        let made = try population.register(
            users, within: transitions == 0 ? bounds : bounds.ending(.now + .seconds(minutes * 40)))
        if made < users { report.say("hearth-seed: \(made) users instead of \(users): a bound is reached") }
        let published = try population.publish(transitions, of: made, within: bounds)
        if published < transitions {
            report.say("hearth-seed: \(published) transitions instead of \(transitions): a bound is reached")
        }
        report.figure("registered users", Double(made), "", in: "seed")
        report.figure("transitions", Double(published), "", in: "seed")
        report.figure("took", (ContinuousClock.now - start) / .seconds(1), "s", in: "seed")
        report.figure("size", Double(try bounds.size()) / 1e6, "MB", in: "seed")
    }
}

/// How long it may take and how large it may grow.
struct Bounds {
    let directory: String
    var end: ContinuousClock.Instant
    let bytes: Int

    func ending(_ time: ContinuousClock.Instant) -> Bounds {
        var bounds = self
        bounds.end = time
        return bounds
    }

    func areReached() throws -> Bool { try ContinuousClock.now >= end || size() >= bytes }

    func size() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: directory).reduce(0) { sum, file in
            sum + (try FileManager.default.attributesOfItem(atPath: "\(directory)/\(file)")[.size] as? Int ?? 0)
        }
    }
}

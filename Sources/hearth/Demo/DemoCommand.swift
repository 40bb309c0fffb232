import ArgumentParser
import Foundation
import HearthClient
import HearthSettings
import HearthStore
import Homeserver
import Logging

/// A server with a household in it, to look at: real, but on a temporary database that is gone at the end.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Run a server with a simulated household, to look at.",
        discussion: """
            The server is for looking at, not for using: registration is open and nothing is limited, so let it listen on this machine \
            alone, as it does by default. Forty people with phones and laptops live through their days, an hour a minute unless --speed says otherwise. They use the \
            server as clients do. Ctrl-C ends it; the temporary database goes with it.
            """)

    @Option(name: .long, help: ArgumentHelp("Where the server listens.", valueName: "host:port"))
    var listen = "127.0.0.1:8018"

    @Option(name: .long, help: ArgumentHelp("How many times as fast as real time.", valueName: "factor"))
    var speed = 60.0

    @Option(name: .long, help: ArgumentHelp("When the first day begins.", valueName: "HH:MM"))
    var start = "07:00"

    @Option(name: .long, help: "How many people there are, up to 40.")
    var people = Household.most

    @Option(name: .long, help: "The same number makes the same days.")
    var seed: UInt64 = 1

    @Flag(name: .long, help: "Do not tell what people do.")
    var quiet = false

    private var startMinute: Int? {
        let parts = start.split(separator: ":").compactMap { Int($0) }
        guard parts.count == 2, (0..<24).contains(parts[0]), (0..<60).contains(parts[1]) else { return nil }
        return parts[0] * 60 + parts[1]
    }

    func validate() throws {
        guard (0.1...3600).contains(speed) else { throw ValidationError("--speed is a number from 0.1 to 3600.") }
        guard (1...Household.most).contains(people) else {
            throw ValidationError("--people is a number from 1 to \(Household.most).")
        }
        guard startMinute != nil else { throw ValidationError("--start is a time of day such as 07:00.") }
        guard HostAndPort(listen) != nil else { throw ValidationError("--listen is an address such as 127.0.0.1:8018.") }
    }

    /// What to say before the demo listens where others can reach it; nil where nobody can.
    static func warning(about address: String) -> String? {
        guard let address = HostAndPort(address), !address.isLoopback else { return nil }
        return
            "hearth: warning: other machines can reach the demo at \(address): anybody may make an account, nothing is limited, "
            + "passwords are weak, and that of the user demo is known. Use --listen 127.0.0.1:\(address.port) unless you want that."
    }

    func run() async throws {
        if let warning = Self.warning(about: listen) { StandardStreams.printError(warning) }
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-demo-\(UUID().uuidString)")
        let settings = try HearthSettings(resolving: SettingsInput(flags: serverSettings(directory.path)))
        defer {
            do {
                try FileManager.default.removeItem(at: directory)
            } catch {
                StandardStreams.printError("hearth: cannot remove \(directory.path): \(error)")
            }
        }
        var logger = Logger(label: "hearth")
        logger.logLevel = .error
        let server = try HearthServer(settings: settings, logger: logger)
        // Before its directory goes: SQLite takes files away while it closes, and nothing else may be at that meanwhile.
        defer {
            do {
                try server.store.close()
            } catch {
                StandardStreams.printError("hearth: cannot close the demo's database: \(error)")
            }
        }
        let control = CommandSocket(directory: directory.path, accounts: server.accounts, logger: logger)
        let (addresses, tellAddress) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(1))
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask {
                    try await server.run(
                        control: control,
                        ready: { listener, address in
                            if listener == .clients { tellAddress.yield(address) }
                        })
                }
                group.addTask {
                    for await address in addresses { try await self.live(at: address) }
                }
                try await group.next()
            }
        } catch is CancellationError {
            // Some requests were cut off at the end.
        }
    }

    /// Grace periods shrink with time, down to what real requests need.
    private func serverSettings(_ directory: String) -> [(key: String, value: String)] {
        func scaled(_ seconds: Double, atLeast least: Double) -> String { "\(Int(max(seconds / speed, least) * 1000))ms" }
        return [
            ("server.name", "localhost"), ("listen.address", listen), ("data.directory", directory),
            ("registration.open", "true"),
            ("rate_limits.enabled", "false"), ("accounts.password_cost", "6"),
            ("presence.device_grace", scaled(60, atLeast: 1)), ("presence.busy_device_grace", scaled(300, atLeast: 1)),
            ("presence.reachable_for", scaled(300, atLeast: 2)), ("presence.idle_after", scaled(300, atLeast: 5)),
            ("presence.settle", scaled(5, atLeast: 0.2)),
        ]
    }

    private func live(at address: String) async throws {
        guard let url = ServerURL("http://\(address)"), let startMinute else { return }
        let quiet = quiet
        let runner = DemoRunner(
            simulation: Simulation(residents: Household.residents(people, seed: seed), seed: seed),
            clock: SimulatedClock(startMinute: startMinute, speed: speed), connection: MatrixConnection(url: url)
        ) { line in
            if !quiet { StandardStreams.print(line) }
        }
        StandardStreams.print("\(people) people are moving in…")
        let residents = try await runner.moveIn()
        StandardStreams.print("")
        StandardStreams.print("  The board   \(url)/")
        StandardStreams.print("  Log in      user demo, password \(DemoRunner.password)")
        StandardStreams.print("  In a shell  hearth login \(url) --user demo; hearth watch")
        StandardStreams.print("")
        StandardStreams.print("An hour passes in \(Int(3600 / speed)) s. Ctrl-C ends it, and nothing stays behind.")
        StandardStreams.print("")
        try await runner.run(residents)
    }
}

import ArgumentParser
import ClientAPI
import HearthSettings
import Homeserver
import Logging

/// Runs the server until SIGTERM or SIGINT, then lets requests end and exits with 0: mostly at once, after two seconds at most.
///
/// Prints `listening on http://HOST:PORT` on the standard output when it takes connections, and a line for each listener beside that
/// one; everything else is logged on the standard error.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Run the server.")

    @OptionGroup var options: SettingsOptions

    @Option(name: .long, help: ArgumentHelp("The server's name (server.name).", valueName: "name"))
    var serverName: String?

    @Option(name: .long, help: ArgumentHelp("Where clients connect (listen.address).", valueName: "host:port"))
    var listen: String?

    @Flag(name: .long, help: "Let anybody register (registration.open=true).")
    var openRegistration = false

    func run() async throws {
        let input = try options.input(flags: [
            ("server.name", serverName), ("listen.address", listen), ("registration.open", openRegistration ? "true" : nil),
        ])
        let settings = try HearthSettings(resolving: input)
        LoggingSystem.bootstrap(
            { _, provider in LineLogHandler(level: settings.log.level, metadataProvider: provider) },
            metadataProvider: RequestID.metadataProvider)
        let logger = Logger(label: "hearth")
        OpenFileLimit.raise(logger: logger)
        if !input.names("server.name") {
            logger.notice("the server's name is localhost; set server.name before real users come: it can never change")
        }

        let server = try HearthServer(settings: settings, logger: logger)
        let control = CommandSocket(directory: settings.data.directory, accounts: server.accounts, logger: logger)
        do {
            try await server.run(control: control) {
                LastResort.endProcess(after: .milliseconds(1900), logger: logger)
            } ready: { listener, address in
                switch listener {
                case .clients: StandardStreams.print("listening on http://\(address)")
                case .metrics: StandardStreams.print("metrics at http://\(address)/metrics")
                case .admin: StandardStreams.print("admin API at http://\(address)/_hearth/admin/v1")
                }
            }
        } catch is CancellationError {
            logger.warning("some requests did not end in time and were cut off")
        }
    }
}

import ArgumentParser
import HearthServices
import HearthStore
import MatrixModel

struct RegistrationTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registration-token", abstract: "Work with tokens that let people register while registration is closed.",
        subcommands: [RegistrationTokenAddCommand.self])
}

/// Makes a registration token and prints it: through the running server where there is one, else in the database itself.
struct RegistrationTokenAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Make a token and print it.")

    @Option(name: .long, help: "How many accounts it is good for; any number if left out.")
    var uses: Int?

    @Option(name: .long, help: ArgumentHelp("How long it is good, such as 24h or 7d; for ever if left out.", valueName: "time"))
    var expiresIn: String?

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        if let uses, uses < 1 { throw ValidationError("A token is good for one account at least.") }
        let lifetime = try expiresIn.map { text in
            guard let lifetime = DurationText.parse(text), lifetime > .zero else {
                throw ValidationError("\"\(text)\" is no time; write it like 30m, 24h or 7d.")
            }
            return lifetime
        }
        let settings = try HearthSettings(resolving: options.input(flags: []))
        let directory = settings.data.directory
        let command = ControlCommand.createRegistrationToken(uses: uses, lifetime: lifetime)
        do {
            let name = try StoreReader(directory: directory).serverName()
            StandardStreams.print(try await OfflineServer.run(command, settings: settings, serverName: name))
        } catch StoreError.locked {
            StandardStreams.print(try await CommandClient.send(command, to: CommandSocket.path(in: directory)))
        }
    }
}

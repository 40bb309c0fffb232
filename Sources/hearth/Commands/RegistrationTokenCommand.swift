import ArgumentParser
import HearthSettings
import HearthStore
import MatrixModel

struct RegistrationTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registration-token", abstract: "Work with tokens that let people register while registration is closed.",
        subcommands: [
            RegistrationTokenAddCommand.self, RegistrationTokenListCommand.self, RegistrationTokenRemoveCommand.self,
        ])
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
        let command = ControlCommand.createRegistrationToken(uses: uses, lifetime: lifetime)
        StandardStreams.print(try await command.runWhereItCan(settings: settings))
    }
}

/// One line a token: the token, how many accounts it made, of how many (`-` for any number), when it ends (`-` for never), and
/// whether it is still good; separated by tabs.
struct RegistrationTokenListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all tokens.",
        discussion: "Columns, separated by tabs: token, uses so far, uses allowed, end, and whether it is valid.")

    @OptionGroup var options: SettingsOptions

    func run() throws {
        let now = SystemTime.now()
        for token in try options.openReader().readNow({ try $0.registrationTokens.all() }) {
            let isSpent = token.usesAllowed.map { token.usesCompleted >= $0 } ?? false
            let isOver = token.expires.map { $0 <= now } ?? false
            StandardStreams.print(
                [
                    token.token, String(token.usesCompleted), token.usesAllowed.map(String.init) ?? "-",
                    token.expires.map(OperatorText.time) ?? "-", isSpent ? "used up" : isOver ? "expired" : "valid",
                ].joined(separator: "\t"))
        }
    }
}

/// Makes a token void at once.
struct RegistrationTokenRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Make a token void.")

    @Argument(help: "The token.")
    var token: String

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try HearthSettings(resolving: options.input())
        StandardStreams.print(try await ControlCommand.removeRegistrationToken(token).runWhereItCan(settings: settings))
    }
}

import ArgumentParser
import HearthSettings
import HearthStore
import Logging
import MatrixModel

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Work with accounts.",
        subcommands: [UserAddCommand.self, UserListCommand.self, UserDeactivateCommand.self, UserResetPasswordCommand.self])
}

/// Makes an account: through the running server where there is one, in the database itself where there is none.
struct UserAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make an account.",
        discussion: "Asks for the password on a terminal; elsewhere it is the first line of the standard input.")

    @Argument(help: "The user name: the part of the user id before the colon.")
    var name: String

    @Flag(name: .long, help: "Make the user an administrator.")
    var admin = false

    @Flag(name: .long, help: "Read the password from the standard input.")
    var passwordStdin = false

    @Option(name: .long, help: ArgumentHelp("The server's name, where there is no database yet.", valueName: "name"))
    var serverName: String?

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let input = try options.input(flags: [("server.name", serverName)])
        let settings = try HearthSettings(resolving: input)
        let directory = settings.data.directory
        let password = try PasswordPrompt.read(fromInput: passwordStdin)
        let command = ControlCommand.createUser(localpart: localpart, password: password, isAdmin: admin)
        let userID: String
        do {
            let name = try serverName(in: directory, settings: settings, input: input)
            userID = try await OfflineServer.run(command, settings: settings, serverName: name)
        } catch StoreError.locked {
            userID = try await CommandClient.send(command, to: CommandSocket.path(in: directory))
        }
        StandardStreams.print(userID)
    }

    /// `@alice:example.org` is taken as `alice`; whether the server is the right one is the server's to say.
    private var localpart: String { UserID(name).map { String($0.localpart) } ?? name }

    private func serverName(in directory: String, settings: HearthSettings, input: SettingsInput) throws -> ServerName {
        guard StoreReader.exists(in: directory) else {
            guard input.names("server.name") else {
                throw CommandFailure(
                    "there is no database in \(directory) yet; name the server with --server-name, or the directory with --data")
            }
            return settings.server.name
        }
        let stored = try StoreReader(directory: directory).serverName()
        if let user = UserID(name), user.server != stored { throw CommandFailure("this server is \(stored), not \(user.server)") }
        return stored
    }
}

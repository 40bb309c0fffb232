import ArgumentParser
import Foundation
import HearthSettings
import HearthStore
import MatrixModel

/// Ends an account for good: nobody gets the name again.
struct UserDeactivateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deactivate", abstract: "End an account for good.",
        discussion: """
            Logs out all devices, leaves all rooms, empties profile and status and ends everybody's view of them. It cannot be undone, \
            and nobody gets the name again. Asks first on a terminal; elsewhere it takes --yes.
            """)

    @Argument(help: "The user's name or id.")
    var name: String

    @Flag(name: .long, help: "Do not ask.")
    var yes = false

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try HearthSettings(resolving: options.input())
        let user = try OperatorText.user(name, on: StoreReader(directory: settings.data.directory).serverName())
        if !yes { try ask(user) }
        StandardStreams.print(try await ControlCommand.deactivateUser(user).runWhereItCan(settings: settings))
    }

    private func ask(_ user: UserID) throws(CommandFailure) {
        guard isatty(STDIN_FILENO) == 1 else { throw CommandFailure("this ends \(user) for good; say --yes if that is meant") }
        StandardStreams.putError("This ends \(user) for good. Write the user id to go on: ")
        guard readLine() == user.rawValue else { throw CommandFailure("nothing was done") }
    }
}

/// Gives an account a new password.
struct UserResetPasswordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-password", abstract: "Give an account a new password.",
        discussion: """
            Asks for the password on a terminal; elsewhere it is the first line of the standard input. All devices are logged out \
            unless --keep-devices is given.
            """)

    @Argument(help: "The user's name or id.")
    var name: String

    @Flag(name: .long, help: "Leave the user's devices logged in.")
    var keepDevices = false

    @Flag(name: .long, help: "Read the password from the standard input.")
    var passwordStdin = false

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try HearthSettings(resolving: options.input())
        let user = try OperatorText.user(name, on: StoreReader(directory: settings.data.directory).serverName())
        let password = try PasswordPrompt.read(fromInput: passwordStdin)
        let command = ControlCommand.resetPassword(user, password: password, logsOutDevices: !keepDevices)
        StandardStreams.print(try await command.runWhereItCan(settings: settings))
    }
}

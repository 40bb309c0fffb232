import ArgumentParser
import Homeserver

/// The program: a server and the tools of its operator.
struct Hearth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hearth",
        abstract: "A Matrix homeserver for presence: it answers \"is anyone home?\".",
        version: Version.text,
        subcommands: [ServeCommand.self, DemoCommand.self, ConfigReferenceCommand.self, RoutesCommand.self, VersionCommand.self],
        groupedSubcommands: [
            CommandGroup(
                name: "For people",
                subcommands: [
                    LoginCommand.self, LogoutCommand.self, WhoCommand.self, WatchCommand.self, SetCommand.self,
                ]),
            CommandGroup(
                name: "For the operator",
                subcommands: [
                    DoctorCommand.self, BackupCommand.self, RestoreCommand.self, UserCommand.self,
                    RegistrationTokenCommand.self, RoomCommand.self,
                ]),
        ])
}

/// Guarantees one sentence on the standard error for every failure: exit code 64 for a wrong usage, 1 for the rest.
@main
enum Main {
    static func main() async {
        let command: any ParsableCommand
        do {
            command = try Hearth.parseAsRoot()
        } catch {
            Hearth.exit(withError: error)
        }
        do {
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
        } catch let code as ExitCode {
            // The command has said all there is to say.
            Hearth.exit(withError: code)
        } catch  where Hearth.exitCode(for: error) != .failure {
            // A usage error, or a request for help: the parser words these.
            Hearth.exit(withError: error)
        } catch {
            StandardStreams.printError("hearth: \(error)")
            Hearth.exit(withError: ExitCode.failure)
        }
    }
}

/// A failure of a command, as the sentence that the operator reads.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ sentence: String) { description = sentence }
}

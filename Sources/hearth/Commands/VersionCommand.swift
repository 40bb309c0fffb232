import ArgumentParser
import Homeserver

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() { StandardStreams.print(Version.text) }
}

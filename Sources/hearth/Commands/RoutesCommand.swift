import ArgumentParser
import ClientAPI

/// Prints what the server serves, one method and path a line: what `docs/api.md` is made from.
struct RoutesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes", abstract: "Print the method and path of every endpoint that is served.")

    func run() {
        StandardStreams.print(ClientAPI.routes.map { "\($0.method) \($0.path)" }.joined(separator: "\n"))
    }
}

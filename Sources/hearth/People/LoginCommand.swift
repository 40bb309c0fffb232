import ArgumentParser
import Foundation
import HearthClient

/// Logs in on a server and keeps the access token for the other commands for people.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Log in on a server, for who, watch and set.",
        discussion: """
            Asks for user and password on a terminal; elsewhere the password is the first line of the standard input. The login is kept \
            in $XDG_CONFIG_HOME/hearth/login.json (or below ~/.config), readable by you alone. HEARTH_URL and HEARTH_TOKEN, where they \
            are set, are used instead of it.
            """)

    @Argument(help: "The server's address, such as https://example.org.")
    var url: String

    @Option(name: .long, help: ArgumentHelp("The user's name or id.", valueName: "name"))
    var user: String?

    @Flag(name: .long, help: "Read the password from the standard input.")
    var passwordStdin = false

    func run() async throws {
        guard let given = ServerURL(url) else { throw ValidationError("\"\(url)\" is no server's address.") }
        let file = try CredentialFile(environment: ProcessInfo.processInfo.environment)
        if let present = try file.read() {
            throw CommandFailure("\(present.user) is logged in at \(present.url); use `hearth logout` first")
        }
        let connection = try await find(given)
        let user = try self.user ?? askForUser()
        let password = try PasswordPrompt.readKnown(fromInput: passwordStdin)
        let credentials = try await connection.logIn(user: user, password: password, deviceName: "hearth on \(hostName)")
        do {
            try file.write(credentials)
        } catch {
            try await credentials.connection.logOut()
            throw error
        }
        StandardStreams.print("logged in as \(credentials.user) at \(credentials.url)")
    }

    /// The server at the address, or the one that the address's well-known file names.
    private func find(_ url: ServerURL) async throws -> MatrixConnection {
        var connection = MatrixConnection(url: url)
        do {
            if try await connection.hasSubscribedPresence() { return connection }
        } catch let error as ConnectionError {
            guard case .noMatrix = error, let other = try await connection.wellKnownURL(), other != url else { throw error }
            connection = MatrixConnection(url: other)
            if try await connection.hasSubscribedPresence() { return connection }
        }
        throw CommandFailure("\(connection.url) is a Matrix server, but no Hearth: it has no presence to subscribe to (MSC3032)")
    }

    private func askForUser() throws -> String {
        guard isatty(STDIN_FILENO) == 1 else { throw CommandFailure("name the user with --user") }
        StandardStreams.putError("User: ")
        guard let line = readLine(), !line.isEmpty else { throw CommandFailure("no user was named") }
        return line
    }

    private var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "the command line" }
        return SafeText.neutralised(String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
}

/// Ends the login, on the server and here.
struct LogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "logout", abstract: "End the login of `hearth login`.")

    func run() async throws {
        let file = try CredentialFile(environment: ProcessInfo.processInfo.environment)
        guard let credentials = try file.read() else { throw CommandFailure("nobody is logged in") }
        do {
            try await credentials.connection.logOut()
        } catch let error as ConnectionError where error.code == "M_UNKNOWN_TOKEN" {
            // The server has ended it already.
        } catch let error as ConnectionError where error.isPassing {
            file.remove()
            throw CommandFailure("the login is forgotten here, but \(error); end it there as a device of \(credentials.user)")
        }
        file.remove()
        StandardStreams.print("\(credentials.user) is logged out")
    }
}

import Foundation

/// Asks for a new password: on a terminal without showing it, and twice; else it is the first line of the standard input.
enum PasswordPrompt {
    static func read(fromInput: Bool) throws(CommandFailure) -> String {
        guard !fromInput, isatty(STDIN_FILENO) == 1 else {
            guard let line = readLine() else { throw CommandFailure("there is no password on the standard input") }
            return line
        }
        let password = try hidden("Password: ")
        guard try hidden("Again: ") == password else { throw CommandFailure("the two passwords differ") }
        return password
    }

    /// Asks for a password that exists already: once.
    static func readKnown(fromInput: Bool) throws(CommandFailure) -> String {
        if !fromInput && isatty(STDIN_FILENO) == 1 { return try hidden("Password: ") }
        guard let line = readLine() else { throw CommandFailure("there is no password on the standard input") }
        return line
    }

    private static func hidden(_ prompt: String) throws(CommandFailure) -> String {
        var shown = termios()
        guard tcgetattr(STDIN_FILENO, &shown) == 0 else {
            throw CommandFailure("the terminal cannot hide the password; use --password-stdin")
        }
        var quiet = shown
        quiet.c_lflag &= ~tcflag_t(ECHO)
        FileHandle.standardError.write(Data(prompt.utf8))
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            StandardStreams.printError("")
        }
        guard let line = readLine() else { throw CommandFailure("no password was given") }
        return line
    }
}

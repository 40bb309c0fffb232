import ArgumentParser
import HearthSettings

/// Prints `docs/configuration.md`.
struct ConfigReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config-reference", abstract: "Print the reference of all settings as Markdown.")

    func run() {
        var text = SettingsDocument.render()
        if text.hasSuffix("\n") { text.removeLast() }
        StandardStreams.print(text)
    }
}

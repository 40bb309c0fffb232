import ArgumentParser
import Foundation
import HearthSettings

/// The options of all commands that look at a data directory.
struct SettingsOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("A YAML file with settings.", valueName: "file"))
    var config: String?

    @Option(name: .long, help: ArgumentHelp("The data directory (data.directory).", valueName: "dir"))
    var data: String?

    @Option(name: .long, parsing: .singleValue, help: ArgumentHelp("A setting; may be repeated.", valueName: "key=value"))
    var set: [String] = []

    /// Everything that was given, the command's own flags (the weakest of the flags) among it.
    func input(flags: [(key: String, value: String?)] = []) throws -> SettingsInput {
        var input = SettingsInput(environment: ProcessInfo.processInfo.environment)
        if let config { input.file = try YAMLSettings.read(config) }
        for (key, value) in flags + [("data.directory", data)] {
            if let value { input.flags.append((key, value)) }
        }
        for assignment in set { try input.set(assignment) }
        return input
    }
}

import ArgumentParser
import Foundation
import HearthSettings

/// Saves everything that a data directory holds in one file, while the server runs.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Save the data directory in one file.",
        discussion: """
            The server goes on meanwhile. What it answered before the command began is in the backup. The file is a tar archive; it holds \
            the server's signing key and what people wrote, so keep it as safe as the server itself. The configuration file is not in it. \
            An uploaded file that is missing or damaged fails the backup.
            """)

    @Argument(help: "The file to make. It must not be there yet.", completion: .file())
    var file: String

    @Flag(name: .long, help: "Leave out uploaded files.")
    var noMedia = false

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try HearthSettings(resolving: options.input())
        let (target, withMedia) = (URL(filePath: file).path, !noMedia)
        let bar = ProgressBar()
        defer { bar.finish() }
        let summary = try await BlockingCommand.run { interruption in
            try BackupMaker(
                directory: settings.data.directory, target: target, withMedia: withMedia, now: SystemTime.now()
            ) { part, what in
                try interruption.check()
                bar.show(part, what)
            }.run()
        }
        bar.finish()
        let media = noMedia ? "without media" : "\(summary.mediaFiles) media files"
        if summary.unreadableValues > 0 {
            StandardStreams.printError(
                "warning: \(summary.unreadableValues) stored values cannot be read, in the backup as well; "
                    + "`hearth doctor --thorough` names them")
        }
        StandardStreams.print("\(file): \(summary.serverName), \(summary.bytes / 1024) KiB, \(media)")
    }
}

/// Makes a data directory of a backup.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make a data directory from a backup.",
        discussion: """
            The directory must be missing or empty. Every part is compared with its hash and the database is checked before it gets its \
            place; after a failure the directory is as it was. Uploaded files that the backup lacks are reported.
            """)

    @Argument(help: "The file that `hearth backup` made.", completion: .file())
    var file: String

    @Option(name: .long, help: ArgumentHelp("The data directory to make.", valueName: "dir"), completion: .directory)
    var data: String

    func run() async throws {
        let (archive, directory) = (file, URL(filePath: data).path)
        let bar = ProgressBar()
        defer { bar.finish() }
        let restored = try await BlockingCommand.run { interruption in
            try BackupRestorer(archive: archive, directory: directory) { part in
                try interruption.check()
                bar.show(part, "restoring")
            }.run()
        }
        bar.finish()
        let manifest = restored.manifest
        if let fault = restored.mediaFaults.first {
            let all = restored.mediaFaults.count + restored.mediaFiles
            StandardStreams.printError(
                "hearth: the backup lacks \(restored.mediaFaults.count) of \(all) uploaded files; look for them in another backup: \(fault)"
            )
        }
        StandardStreams.print(
            "\(data): \(manifest.serverName) as of \(OperatorText.time(manifest.created)), "
                + (manifest.hasMedia ? "\(restored.mediaFiles) media files" : "without media"))
    }
}

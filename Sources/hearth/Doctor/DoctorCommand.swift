import ArgumentParser
import Foundation
import HearthSettings
import HearthStore
import Homeserver
import MatrixModel

/// Looks at everything that a server needs and says how to mend what is not as it should be.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look for trouble, and say how to mend it.",
        discussion: """
            Looks at settings, data directory, database, signing key, clock, ports, open files and disk space; beside a running server too. \
            Changes nothing. Ends with status 1 if anything is broken. Give it the settings that the server is started with.
            """)

    @Flag(name: .long, help: "Compare every index of the database with its table as well, and read every stored value.")
    var thorough = false

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let findings = await examine()
        for finding in findings { StandardStreams.print(finding.text) }
        let broken = findings.count { $0.level == .broken }
        let doubtful = findings.count { $0.level == .doubtful }
        StandardStreams.print("")
        StandardStreams.print(
            broken + doubtful == 0 ? "all is well" : "\(broken) broken, \(doubtful) doubtful")
        if broken > 0 { throw ExitCode.failure }
    }

    private func examine() async -> [Finding] {
        let settings: HearthSettings
        let namesServer: Bool
        do {
            let input = try options.input()
            settings = try HearthSettings(resolving: input)
            namesServer = input.names("server.name")
        } catch {
            return [.broken("settings", "\(error)", cure: "correct that setting; docs/configuration.md has them all")]
        }
        let directory = settings.data.directory
        let isServing = DirectoryLock.isHeld(directory: directory)
        let data = DataExamination(settings: settings, namesServer: namesServer, isThorough: thorough).run()
        var findings = [Finding.fine("settings", "all of them are understood")] + doubts(settings)
        findings.append(
            .fine("server", isServing ? "one is running on \(directory)" : "none is running on \(directory)"))
        findings += data.findings
        findings.append(ThumbnailerPath(settings.media).finding)
        findings.append(Verdict.clock(now: SystemTime.now().milliseconds, newestEvent: data.newestEvent?.milliseconds))
        findings += await PortExamination(settings: settings, isServing: isServing).run()
        findings.append(Verdict.openFiles(limit: OpenFileLimit.hardLimit))
        findings += space(at: directory)
        return findings
    }

    private func doubts(_ settings: HearthSettings) -> [Finding] {
        var doubts: [Finding] = []
        if settings.registration.isOpen {
            doubts.append(
                .doubtful(
                    "registration", "anybody who reaches the server can make an account",
                    cure: "set registration.open to false and hand out tokens: `hearth registration-token add`"))
        }
        if !settings.rateLimits.isEnabled {
            doubts.append(
                .doubtful(
                    "rate limits", "passwords can be guessed as fast as the machine hashes them",
                    cure: "set rate_limits.enabled to true"))
        }
        return doubts
    }

    private func space(at directory: String) -> [Finding] {
        var path = URL(filePath: directory)
        while !FileManager.default.fileExists(atPath: path.path), path.path != "/" { path.deleteLastPathComponent() }
        var status = statvfs()
        guard statvfs(path.path, &status) == 0 else { return [] }
        let block = UInt64(status.f_frsize)
        return [
            Verdict.diskSpace(free: UInt64(status.f_bavail) * block, total: UInt64(status.f_blocks) * block, at: path.path)
        ]
    }
}

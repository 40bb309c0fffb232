import Foundation
import HearthSettings
import HearthStore
import MatrixModel
import RoomRules

/// Looks at a data directory: the database, the signing key, the files. Changes nothing.
struct DataExamination {
    let settings: HearthSettings
    /// Whether the settings say what the server is called.
    let namesServer: Bool
    let isThorough: Bool

    private var directory: String { settings.data.directory }

    /// The findings, and the time of the newest event.
    func run() -> (findings: [Finding], newestEvent: MatrixTimestamp?) {
        guard FileManager.default.fileExists(atPath: directory) else {
            return ([.fine("directory", "\(directory) is not there yet; the first start makes it")] + [parent()], nil)
        }
        var findings = [permissions(), writable("directory", directory)]
        guard StoreReader.exists(in: directory) else {
            return (findings + [.fine("database", "there is none yet; the first start makes it")], nil)
        }
        do throws(StoreError) {
            let database = try StoreExamination(path: "\(directory)/hearth.db", isThorough: isThorough, readsValues: isThorough)
            findings += [integrity(database)] + values(database) + [schema(database), name(database), key(database)]
            findings += try media()
            return (findings, database.newestEvent)
        } catch {
            findings.append(
                .broken(
                    "database", "\(error)",
                    cure:
                        "check that this user owns the files; if they are damaged, `hearth restore` a backup into a new directory"
                ))
            return (findings, nil)
        }
    }

    private func parent() -> Finding {
        let parent = URL(filePath: directory).deletingLastPathComponent().path
        return writable("directory", FileManager.default.fileExists(atPath: parent) ? parent : "/")
    }

    private func permissions() -> Finding {
        var status = stat()
        guard stat(directory, &status) == 0 else {
            return .broken("directory", "\(directory) cannot be read", cure: "run this as the user who runs the server")
        }
        return Verdict.permissions(Int(status.st_mode & 0o777), of: directory)
    }

    private func writable(_ subject: String, _ path: String) -> Finding {
        access(path, W_OK | X_OK) == 0
            ? .fine(subject, "\(path) can be written to")
            : .broken(
                subject, "\(path) cannot be written to by this user",
                cure: "run this as the user who runs the server, or `chown` it")
    }

    private func integrity(_ database: StoreExamination) -> Finding {
        guard let damage = database.damage.first else {
            return .fine(
                "database",
                isThorough
                    ? "whole (integrity_check)" : "whole (quick_check; --thorough looks at indexes and reads every value too)")
        }
        return .broken(
            "database", "\(database.damage.count) faults, the first: \(damage)",
            cure: "stop the server, keep the directory, and `hearth restore` the last backup into a new one")
    }

    private func values(_ database: StoreExamination) -> [Finding] {
        database.unreadable.map { [Verdict.storedValues($0)] } ?? []
    }

    private func schema(_ database: StoreExamination) -> Finding {
        switch database.schema {
        case .current: .fine("schema", "of this version")
        case .older: .fine("schema", "of an older version; the next start brings it up to date")
        case .newer:
            .broken("schema", "of a newer version", cure: "install that version, or restore a backup made before the upgrade")
        }
    }

    private func name(_ database: StoreExamination) -> Finding {
        guard let stored = database.serverName else {
            return .broken("server name", "the database does not say whose it is", cure: "restore the last backup")
        }
        guard !namesServer || stored == settings.server.name else {
            return .broken(
                "server name", "the database belongs to \(stored), the settings say \(settings.server.name)",
                cure: "set server.name to \(stored): a server's name can never change")
        }
        return stored.rawValue == "localhost"
            ? .doubtful(
                "server name", "it is localhost, and can never change",
                cure: "before real users come, begin with a new data directory and --server-name your.domain")
            : .fine("server name", "\(stored)")
    }

    private func key(_ database: StoreExamination) -> Finding {
        let cure = "restore the last backup: what this server signed cannot be signed again by another key"
        guard database.hasSigningKey else {
            return database.newestEvent == nil
                ? .fine("signing key", "there is none yet; the first start makes it")
                : .broken("signing key", "it is missing", cure: cure)
        }
        guard database.schema == .current else { return .fine("signing key", "it is there") }
        do {
            guard let key = try StoreReader(directory: directory).signingKey() else {
                return .broken("signing key", "it is missing", cure: cure)
            }
            return .fine("signing key", "\(key.keyID)")
        } catch {
            return .broken("signing key", "it cannot be used: \(error)", cure: cure)
        }
    }

    private func media() throws(StoreError) -> [Finding] {
        let path = "\(directory)/media"
        let named = try NamedContent.all(inDatabase: "\(directory)/hearth.db")
        guard !named.isEmpty || FileManager.default.fileExists(atPath: path) else { return [] }
        let comparison = MediaComparison(of: named, in: directory)
        let whole = Finding.fine("media", "\(named.count) uploaded files, all of them there")
        let files = comparison.faults.first.map { first in
            Finding.broken(
                "media",
                "\(comparison.faults.count) of \(named.count) uploaded files are missing or cut off, the first: \(first)",
                cure: "put them back from an earlier backup: `tar -xf BACKUP -C DIRECTORY media/…`")
        }
        return [writable("media", path), files ?? whole] + (isThorough ? unnamed(besides: named) : [])
    }

    private func unnamed(besides named: [NamedContent]) -> [Finding] {
        do {
            let files = try MediaComparison.unnamedFiles(besides: named, in: directory)
            guard let first = files.first else { return [] }
            return [
                .doubtful(
                    "media", "\(files.count) files that nobody can ask for, the first: \(first)",
                    cure: "a crash left them; move them away")
            ]
        } catch {
            return [
                .broken(
                    "media", "cannot be read: \(error.localizedDescription)", cure: "run this as the user who runs the server")
            ]
        }
    }
}

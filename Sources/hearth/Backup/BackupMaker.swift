import Foundation
import HearthStore
import MatrixModel

/// Makes a backup of a data directory, beside a running server or without one.
///
/// The order makes it consistent: first the database as it is at one moment, then the files that it names, which are never changed
/// once they are named. The archive has its name only when it is whole and on the disk.
struct BackupMaker {
    let directory: String
    let target: String
    let withMedia: Bool
    let now: MatrixTimestamp
    /// Told how much of the work is done, from 0 to 1, and what is worked at; what it throws ends the work.
    let progress: (Double, String) throws -> Void

    struct Summary {
        let serverName: ServerName
        let bytes: Int
        let mediaFiles: Int
        /// Stored values that nobody can read, here as in the database.
        let unreadableValues: Int
    }

    func run() throws -> Summary {
        guard !FileManager.default.fileExists(atPath: target) else {
            throw CommandFailure("\(target) is there already; choose another name, or remove it")
        }
        let reader = try StoreReader(directory: directory)
        let serverName = try reader.serverName()
        let (archive, database) = ("\(target).\(getpid()).part", "\(target).\(getpid()).db")
        defer { for path in [archive, database, database + "-journal", database + "-wal"] { unlink(path) } }

        try reader.copy(to: database) { done, total in
            try progress(0.5 * Double(done) / Double(max(1, total)), "database")
        }
        let copy = try StoreExamination(path: database, isThorough: false, readsValues: true)
        guard copy.damage.isEmpty else {
            throw CommandFailure(
                "the database is damaged, and so would be its backup (\(copy.damage[0])); see what `hearth doctor` says")
        }

        let media = withMedia ? try MediaFolder.files(in: directory) : []
        let source = try RawFile(reading: database)
        let total = try source.size + media.reduce(0) { $0 + $1.size }
        var done = 0
        let file = try RawFile(creating: archive)
        let writer = ArchiveWriter(file) { count in
            done += count
            try progress(0.5 + 0.5 * min(1, Double(done) / Double(max(1, total))), "archive")
        }
        let seconds = Int(now.milliseconds / 1000)
        let manifest = BackupManifest(serverName: serverName, created: now, hasMedia: withMedia)
        try writer.add(manifest.json.bytes + [UInt8(ascii: "\n")], as: BackupLayout.manifest, modified: seconds)
        try writer.add(source, as: BackupLayout.database, modified: seconds)
        for part in media {
            try writer.add(try RawFile(reading: "\(directory)/\(part.name)"), as: part.name, modified: part.modified)
        }
        let sums = writer.sums.map { "\($0.hash)  \($0.name)\n" }.joined()
        try writer.add(Array(sums.utf8), as: BackupLayout.sums, modified: seconds)
        try writer.finish()
        // A link fails where somebody else took the name in the meantime; a rename would not. Not every file system has links.
        guard link(archive, target) == 0 || errno != EEXIST && rename(archive, target) == 0 else {
            throw RawFile.failure("write", target)
        }
        try RawFile.synchronizeDirectory(URL(filePath: target).deletingLastPathComponent().path)
        return Summary(
            serverName: serverName, bytes: try file.size, mediaFiles: media.count,
            unreadableValues: copy.unreadable?.count ?? 0)
    }
}

/// The files of `media` that a backup holds.
enum MediaFolder {
    struct File {
        /// Relative to the data directory.
        let name: String
        let size: Int
        let modified: Int
    }

    static func files(in directory: String) throws -> [File] {
        let root = "\(directory)/\(BackupLayout.media)"
        guard FileManager.default.fileExists(atPath: root) else { return [] }
        var failure: (any Error)?
        let walk = FileManager.default.enumerator(
            at: URL(filePath: root), includingPropertiesForKeys: nil, options: []
        ) { _, error in
            failure = error
            return false
        }
        let start = URL(filePath: root).standardizedFileURL.path + "/"
        var files: [File] = []
        while let url = walk?.nextObject() as? URL {
            let path = url.standardizedFileURL.path
            guard path.hasPrefix(start) else { continue }
            let relative = String(path.dropFirst(start.count))
            if BackupLayout.unsavedMedia.contains(relative) { walk?.skipDescendants() }
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            guard status.st_mode & S_IFMT == S_IFREG else { continue }
            let name = "\(BackupLayout.media)/\(relative)"
            guard BackupLayout.isMedia(name) else { throw CommandFailure("\(path) is no file of the server's; move it away") }
            files.append(File(name: name, size: Int(status.st_size), modified: Int(status.st_mtim.tv_sec)))
        }
        if let failure { throw failure }
        return files.sorted { $0.name < $1.name }
    }
}

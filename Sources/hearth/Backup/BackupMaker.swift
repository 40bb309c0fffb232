import Foundation
import HearthStore
import MatrixModel

/// Makes a backup of a data directory, beside a running server or without one.
///
/// The order makes it consistent: first the database as it is at one moment, then the files that it names, which are never changed
/// nor removed once they are named. A file that is missing fails the backup. The archive has its name only when it is whole and on the
/// disk. A backup that is killed leaves nothing; only for the instant in which the copy of the database is opened does that have a name, and what is
/// left under such a name goes with the next backup.
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
        guard !FileManager.default.fileExists(atPath: target) else { throw UnfinishedArchive.taken(target) }
        let reader = try StoreReader(directory: directory)
        let serverName = try reader.serverName()
        let archive = try UnfinishedArchive(for: target)
        defer { archive.discard() }

        let (source, named, unreadable) = try reader.snapshot { snapshot in
            let copy = try snapshot.copy(by: "\(target).\(getpid()).db") { done, total in
                try progress(0.5 * Double(done) / Double(max(1, total)), "database")
            }
            let source = RawFile(copy, path: "the copy of the database")
            if let damage = try snapshot.damage().first {
                throw CommandFailure(
                    "the database is damaged, and its backup would be too (\(damage)); see what `hearth doctor` says")
            }
            return (source, withMedia ? try snapshot.namedContents() : [], try snapshot.unreadable().count)
        }
        let media = MediaComparison(of: named, in: directory)
        if let fault = media.faults.first {
            throw CommandFailure(
                "\(fault): \(media.faults.count) of \(named.count) uploaded files are not what the database says; put them back from "
                    + "an earlier backup, or leave out all of them with --no-media")
        }
        let total = try source.size + media.files.reduce(0) { $0 + $1.size }
        var done = 0
        let writer = ArchiveWriter(archive.file) { count in
            done += count
            try progress(0.5 + 0.5 * min(1, Double(done) / Double(max(1, total))), "archive")
        }
        let seconds = Int(now.milliseconds / 1000)
        let manifest = BackupManifest(serverName: serverName, created: now, hasMedia: withMedia)
        try writer.add(manifest.json.bytes + [UInt8(ascii: "\n")], as: BackupLayout.manifest, modified: seconds)
        try writer.add(source, as: BackupLayout.database, modified: seconds)
        for part in media.files { try add(part, to: writer) }
        let sums = writer.sums.map { "\($0.hash)  \($0.name)\n" }.joined()
        try writer.add(Array(sums.utf8), as: BackupLayout.sums, modified: seconds)
        try writer.finish()
        try archive.finish()
        return Summary(
            serverName: serverName, bytes: try archive.file.size, mediaFiles: media.files.count, unreadableValues: unreadable)
    }

    private func add(_ part: MediaComparison.File, to writer: ArchiveWriter) throws {
        let path = "\(directory)/\(part.name)"
        try writer.add(try RawFile(reading: path), as: part.name, modified: part.modified)
        // Content is called by its hash.
        guard let hash = writer.sums.last?.hash, part.name.hasSuffix("/\(hash)") else {
            throw CommandFailure("\(path) is damaged: it is not what was uploaded; put it back from an earlier backup")
        }
    }
}

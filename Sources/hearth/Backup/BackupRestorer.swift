import Foundation
import HearthStore
import MatrixModel

/// Makes a data directory of a backup.
///
/// Guarantees: the directory was empty or missing before; it holds a database only when every hash was right and the database is
/// whole; after a failure it is as it was. Files of media that the database names and the archive lacks are told, and the rest is
/// restored: such an archive may be all that is left. No server can start on it meanwhile. Nothing is written outside of it, whatever the
/// archive says.
struct BackupRestorer {
    let archive: String
    let directory: String
    /// Told how much of the work is done, from 0 to 1; what it throws ends the work.
    let progress: (Double) throws -> Void

    private static let longestSums = 1 << 30

    /// What the archive is of, and what it lacks.
    struct Restored {
        let manifest: BackupManifest
        /// What is wrong with files of media, each in words.
        var mediaFaults: [String] = []
        var mediaFiles = 0
    }

    func run() throws -> Restored {
        let existed = FileManager.default.fileExists(atPath: directory)
        if existed {
            guard try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty else {
                throw CommandFailure("\(directory) is not empty; restore into a new directory")
            }
        }
        let file = try RawFile(reading: archive)
        let total = try file.size
        var done = 0
        let reader = ArchiveReader(file) { count in
            done += count
            try progress(0.9 * min(1, Double(done) / Double(max(1, total))))
        }
        guard let first = try reader.next(), first.name == BackupLayout.manifest else {
            throw CommandFailure("\(archive) is no backup that `hearth backup` made")
        }
        let (bytes, hash) = try reader.bytes(of: first, atMost: 65_536)
        let manifest = try BackupManifest(bytes)

        let lock = try DirectoryLock(directory: directory)
        defer { lock.release() }
        var restored = Restored(manifest: manifest)
        do {
            try unpack(reader, sums: [first.name: hash])
            try check(manifest)
            if manifest.hasMedia {
                let media = MediaComparison(of: try NamedContent.all(inDatabase: unproven), in: directory)
                (restored.mediaFaults, restored.mediaFiles) = (media.faults, media.files.count)
            }
            try RestoredDatabase.mark(unproven)
            try putInPlace()
        } catch {
            try clean(removingDirectory: !existed)
            throw error
        }
        return restored
    }

    private var unproven: String { "\(directory)/\(BackupLayout.database).restoring" }

    private func unpack(_ reader: ArchiveReader, sums: [String: String]) throws {
        var sums = sums
        var listed: [String: String]?
        while let header = try reader.next() {
            guard listed == nil, sums[header.name] == nil else { throw CommandFailure("\(archive) goes on after its end") }
            switch header.name {
            case BackupLayout.sums:
                listed = try Self.parse(try reader.bytes(of: header, atMost: Self.longestSums).bytes)
            case BackupLayout.database:
                sums[header.name] = try write(header, from: reader, to: unproven)
            case let name where BackupLayout.isMedia(name):
                let path = "\(directory)/\(name)"
                try FileManager.default.createDirectory(
                    at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
                sums[name] = try write(header, from: reader, to: path)
            default:
                throw CommandFailure("\(archive) holds \(header.name.debugDescription), which has no place in a data directory")
            }
        }
        guard let listed else { throw CommandFailure("\(archive) is cut off: its last part is missing") }
        guard listed == sums else { throw CommandFailure("\(archive) is damaged: its parts do not have the hashes that it says") }
    }

    private func write(_ header: TarHeader, from reader: ArchiveReader, to path: String) throws -> String {
        let file = try RawFile(creating: path)
        let hash = try reader.contents(of: header) { try file.write($0) }
        try file.synchronize()
        return hash
    }

    private static func parse(_ bytes: [UInt8]) throws -> [String: String] {
        var sums: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            guard let gap = line.firstRange(of: "  ") else { throw CommandFailure("the list of hashes is damaged") }
            sums[String(line[gap.upperBound...])] = String(line[..<gap.lowerBound])
        }
        return sums
    }

    private func check(_ manifest: BackupManifest) throws {
        guard FileManager.default.fileExists(atPath: unproven) else { throw CommandFailure("\(archive) holds no database") }
        let database = try StoreExamination(path: unproven, isThorough: true)
        if let damage = database.damage.first { throw CommandFailure("the database in \(archive) is damaged: \(damage)") }
        if database.schema == .newer { throw StoreError.newerSchema }
        guard database.serverName == manifest.serverName else {
            throw CommandFailure("the database in \(archive) is not of the server that the backup names")
        }
        try progress(1)
    }

    private func putInPlace() throws {
        let path = "\(directory)/\(BackupLayout.database)"
        guard rename(unproven, path) == 0 else { throw RawFile.failure("write", path) }
        try RawFile.synchronizeDirectory(directory)
    }

    /// The directory was empty: whatever is in it now is from here.
    private func clean(removingDirectory: Bool) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        }
        if removingDirectory { try FileManager.default.removeItem(atPath: directory) }
    }
}

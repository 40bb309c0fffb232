import Foundation

/// An archive that is being made. It gets its name once it is whole and on the disk; until then it has none, and is gone with the
/// process, however that ends.
///
/// Where a file system knows no files without a name, it has one beside the target's, which the next backup of that name removes.
struct UnfinishedArchive {
    let file: RawFile
    private let target: String
    /// Nil for a file without a name.
    private let temporary: String?

    init(for target: String) throws(CommandFailure) {
        self.target = target
        try Self.removeLeftovers(of: target)
        let descriptor = Self.openUnnamed(in: URL(filePath: target).deletingLastPathComponent().path)
        if let descriptor {
            file = RawFile(descriptor, path: target)
            temporary = nil
        } else {
            let path = "\(target).\(getpid()).part"
            file = try RawFile(creating: path)
            temporary = path
        }
    }

    private static func openUnnamed(in directory: String) -> Int32? {
        #if os(Linux)
            // It gets its name through there.
            guard access("/proc/self/fd", X_OK) == 0 else { return nil }
            // O_TMPFILE, whose definition is no plain number and so is not imported.
            let descriptor = open(directory, 0o20_000_000 | O_DIRECTORY | O_WRONLY | O_CLOEXEC, 0o600)
            return descriptor >= 0 ? descriptor : nil
        #else
            return nil
        #endif
    }

    /// Names the archive. Call it when all of it is on the disk.
    func finish() throws(CommandFailure) {
        guard let temporary else {
            guard try file.link(as: target) else { throw Self.taken(target) }
            return try synchronizeName()
        }
        // A link fails where somebody else took the name in the meantime; a rename would not. Not every file system has links.
        if link(temporary, target) != 0 {
            guard errno != EEXIST else { throw Self.taken(target) }
            guard rename(temporary, target) == 0 else { throw RawFile.failure("write", target) }
        }
        try synchronizeName()
    }

    private func synchronizeName() throws(CommandFailure) {
        try RawFile.synchronizeDirectory(URL(filePath: target).deletingLastPathComponent().path)
    }

    /// Removes what is left. Does no harm to a finished one.
    func discard() { if let temporary { unlink(temporary) } }

    static func taken(_ target: String) -> CommandFailure {
        CommandFailure("\(target) is there already; choose another name, or remove it")
    }

    /// What backups of this name left behind that were killed: `TARGET.PID.part`, and of earlier versions the copy of the database.
    private static func removeLeftovers(of target: String) throws(CommandFailure) {
        let url = URL(filePath: target)
        let directory = url.deletingLastPathComponent().path
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw CommandFailure("cannot read \(directory): \(error.localizedDescription)")
        }
        for name in names where name.hasPrefix(url.lastPathComponent + ".") {
            let parts = name.dropFirst(url.lastPathComponent.count + 1).split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let pid = pid_t(parts[0]), ["part", "db", "db-journal", "db-wal"].contains(parts[1]) else {
                continue
            }
            // A backup that still runs keeps what it makes. In a container, one that was killed may have had this process's number.
            if pid == getpid() || kill(pid, 0) != 0 && errno == ESRCH { unlink("\(directory)/\(name)") }
        }
    }
}

import MediaCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where files of content lie: `media/ab/cd/HASH`, thumbnails in `media/thumbnails/ab/cd/HASH-SIZE`, unfinished ones in `media/incoming`.
///
/// A file under its final name is whole and on the disk, and never changes. Everything is readable by its owner alone. All calls block.
struct MediaFiles: Sendable {
    let root: String
    let slots: FileSlots

    var incoming: String { root + "/incoming" }

    /// Makes the directories, and removes what a server that ended left unfinished.
    init(dataDirectory: String, mostOpen: Int) throws(FileFailure) {
        slots = FileSlots(most: mostOpen)
        root = dataDirectory + "/media"
        for path in [root, incoming, root + "/thumbnails"] { try Self.makeDirectory(path) }
        for name in try Self.names(in: incoming) {
            guard unlink(incoming + "/" + name) == 0 || errno == ENOENT else { throw FileFailure("unlink") }
        }
    }

    func path(of hash: ContentHash) -> String { "\(root)/\(hash.fileName)" }

    func path(of hash: ContentHash, size: ThumbnailSize) -> String { "\(root)/thumbnails/\(hash.fileName)-\(size)" }

    /// Gives a finished file its final name, with its directories, and has all of that on the disk when it returns.
    func move(_ temporary: String, to path: String) throws(FileFailure) {
        guard let slash = path.lastIndex(of: "/"), let upper = path[..<slash].lastIndex(of: "/") else {
            preconditionFailure("a path of content has directories")
        }
        let (directory, above) = (String(path[..<slash]), String(path[..<upper]))
        let isNew = (try Self.makeDirectory(above), try Self.makeDirectory(directory))
        guard rename(temporary, path) == 0 else { throw FileFailure("rename") }
        try Self.sync(directory)
        if isNew.1 { try Self.sync(above) }
        if isNew.0 { try Self.sync(root) }
    }

    /// Only for a file that no row names: a backup copies what the rows of one moment name, whenever it comes to it.
    func remove(_ path: String) { unlink(path) }

    /// True when it was made, false when it was there.
    @discardableResult
    private static func makeDirectory(_ path: String) throws(FileFailure) -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        guard errno == EEXIST else { throw FileFailure("mkdir") }
        return false
    }

    private static func sync(_ directory: String) throws(FileFailure) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure("open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileFailure("fsync") }
    }

    private static func names(in directory: String) throws(FileFailure) -> [String] {
        guard let stream = opendir(directory) else { throw FileFailure("opendir") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

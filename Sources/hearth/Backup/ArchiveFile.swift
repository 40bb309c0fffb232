import Crypto
import Foundation

/// Bytes of a file, in pieces; every failure is a sentence. All calls block.
final class RawFile {
    static let pieceSize = 1 << 20

    let path: String
    private let descriptor: Int32

    /// A file that is there.
    init(reading path: String) throws(CommandFailure) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0 { throw Self.failure("read", path) }
    }

    /// A new file, for its owner alone.
    init(creating path: String) throws(CommandFailure) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw Self.failure("write", path) }
    }

    /// A file that is open: it is closed with this.
    ///
    /// - Parameter path: what it is called in failures.
    init(_ descriptor: Int32, path: String) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    var size: Int {
        get throws(CommandFailure) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw Self.failure("read", path) }
            return Int(status.st_size)
        }
    }

    /// Up to so many bytes; fewer at the end of the file only.
    func read(_ count: Int) throws(CommandFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let start = filled
            let done = bytes.withUnsafeMutableBytes {
                Foundation.read(descriptor, $0.baseAddress?.advanced(by: start), count - start)
            }
            if done < 0 && errno == EINTR { continue }
            guard done >= 0 else { throw Self.failure("read", path) }
            if done == 0 { break }
            filled += done
        }
        return filled == count ? bytes : Array(bytes[..<filled])
    }

    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let done = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if done < 0 && errno == EINTR { continue }
            guard done > 0 else { throw Self.failure("write", path) }
            rest = rest.dropFirst(done)
        }
    }

    /// Returns when everything is on the disk.
    func synchronize() throws(CommandFailure) {
        guard fsync(descriptor) == 0 else { throw Self.failure("write", path) }
    }

    /// Gives a file that has no name its first one; false where the name is taken.
    func link(as path: String) throws(CommandFailure) -> Bool {
        if linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 { return true }
        guard errno == EEXIST else { throw Self.failure("write", path) }
        return false
    }

    /// Has the names in a directory on the disk when it returns.
    static func synchronizeDirectory(_ path: String) throws(CommandFailure) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("read", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("write", path) }
    }

    static func failure(_ verb: String, _ path: String) -> CommandFailure {
        CommandFailure("cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}

/// Writes an archive part by part, and knows the hash of each.
final class ArchiveWriter {
    private let file: RawFile
    private let progress: (Int) throws -> Void
    private(set) var sums: [(name: String, hash: String)] = []

    /// - Parameter progress: called with the bytes of each piece that was written; what it throws ends the work.
    init(_ file: RawFile, progress: @escaping (Int) throws -> Void) {
        self.file = file
        self.progress = progress
    }

    func add(_ bytes: [UInt8], as name: String, modified: Int) throws {
        try begin(name, size: bytes.count, modified: modified)
        try file.write(bytes + [UInt8](repeating: 0, count: TarHeader.padding(of: bytes.count)))
        sums.append((name, SHA256.hash(data: bytes).hex))
        try progress(bytes.count)
    }

    func add(_ source: RawFile, as name: String, modified: Int) throws {
        let size = try source.size
        try begin(name, size: size, modified: modified)
        var hash = SHA256()
        var left = size
        while left > 0 {
            let piece = try source.read(min(left, RawFile.pieceSize))
            guard !piece.isEmpty else { throw CommandFailure("\(source.path) became shorter while it was read") }
            hash.update(data: piece)
            try file.write(piece)
            left -= piece.count
            try progress(piece.count)
        }
        try file.write([UInt8](repeating: 0, count: TarHeader.padding(of: size)))
        sums.append((name, hash.finalize().hex))
    }

    /// The end of the archive: two empty blocks.
    func finish() throws {
        try file.write([UInt8](repeating: 0, count: 2 * TarHeader.blockSize))
        try file.synchronize()
    }

    private func begin(_ name: String, size: Int, modified: Int) throws {
        guard let header = TarHeader(name: name, size: size, modified: modified).bytes else {
            throw CommandFailure("\(name) is too long a name for an archive")
        }
        try file.write(header)
    }
}

/// Reads an archive part by part, in order.
final class ArchiveReader {
    private let file: RawFile
    private let progress: (Int) throws -> Void

    init(_ file: RawFile, progress: @escaping (Int) throws -> Void) {
        self.file = file
        self.progress = progress
    }

    /// The next part; nil at the end.
    func next() throws -> TarHeader? {
        let block = try file.read(TarHeader.blockSize)
        if block.count == TarHeader.blockSize, block.allSatisfy({ $0 == 0 }) { return nil }
        guard let header = TarHeader(block) else {
            throw CommandFailure("\(file.path) is no backup that `hearth backup` made, or it is damaged or cut off")
        }
        return header
    }

    /// Hands over the contents of the part piece by piece; returns its hash.
    func contents(of header: TarHeader, _ take: ([UInt8]) throws -> Void) throws -> String {
        var hash = SHA256()
        var left = header.size
        while left > 0 {
            let piece = try file.read(min(left, RawFile.pieceSize))
            guard !piece.isEmpty else { throw CommandFailure("\(file.path) is cut off") }
            hash.update(data: piece)
            try take(piece)
            left -= piece.count
            try progress(piece.count)
        }
        let padding = TarHeader.padding(of: header.size)
        guard try file.read(padding).count == padding else { throw CommandFailure("\(file.path) is cut off") }
        return hash.finalize().hex
    }

    /// The contents of a small part.
    func bytes(of header: TarHeader, atMost limit: Int) throws -> (bytes: [UInt8], hash: String) {
        guard header.size <= limit else { throw CommandFailure("\(header.name) in \(file.path) is larger than it can be") }
        var bytes: [UInt8] = []
        let hash = try contents(of: header) { bytes += $0 }
        return (bytes, hash)
    }
}

extension SHA256Digest {
    /// In lower case.
    var hex: String { map { String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16) }.joined() }
}

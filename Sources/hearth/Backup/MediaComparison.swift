import Foundation
import HearthMedia
import HearthServices
import HearthSettings
import HearthStore

/// The files of media that a database names, compared with those in a data directory.
struct MediaComparison {
    struct File {
        /// Relative to the data directory.
        let name: String
        /// Bytes.
        let size: Int
        /// Seconds since 1970.
        let modified: Int
    }

    /// Those that are there and have the size that the database knows.
    private(set) var files: [File] = []
    /// What is wrong with each of the others, in words that begin with its path.
    private(set) var faults: [String] = []

    init(of named: [NamedContent], in directory: String) {
        for content in named {
            guard let hash = ContentHash(content.hash) else {
                faults.append("a row of media has no hash of 32 bytes")
                continue
            }
            let name = "\(BackupLayout.media)/\(hash.fileName)"
            var status = stat()
            if lstat("\(directory)/\(name)", &status) != 0 {
                let reason = errno == ENOENT ? "is missing" : "cannot be examined: \(String(cString: strerror(errno)))"
                faults.append("\(directory)/\(name) \(reason)")
            } else if status.st_mode & S_IFMT != S_IFREG || Int64(status.st_size) != content.size {
                faults.append("\(directory)/\(name) has \(status.st_size) bytes instead of \(content.size)")
            } else {
                files.append(File(name: name, size: Int(status.st_size), modified: Int(status.st_mtim.tv_sec)))
            }
        }
    }

    /// The files of content that no row names: what a crash left between a file and its row. Without those of the last hour, whose rows
    /// may be on their way.
    static func unnamedFiles(besides named: [NamedContent], in directory: String, now: Date = Date()) throws -> [String] {
        let known = Set(named.compactMap { ContentHash($0.hash)?.fileName })
        let root = "\(directory)/\(BackupLayout.media)"
        func names(_ path: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path) }
        func isHex(_ name: String) -> Bool { name.utf8.count == 2 && name.allSatisfy(\.isHexDigit) }
        var unnamed: [String] = []
        for upper in try names(root).filter(isHex) {
            for lower in try names("\(root)/\(upper)").filter(isHex) {
                for name in try names("\(root)/\(upper)/\(lower)") where !known.contains("\(upper)/\(lower)/\(name)") {
                    var status = stat()
                    let path = "\(root)/\(upper)/\(lower)/\(name)"
                    guard lstat(path, &status) == 0, Double(status.st_mtim.tv_sec) < now.timeIntervalSince1970 - 3600 else {
                        continue
                    }
                    unnamed.append(path)
                }
            }
        }
        return unnamed.sorted()
    }
}

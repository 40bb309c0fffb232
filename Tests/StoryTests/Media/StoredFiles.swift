import Foundation
import HearthTestKit

extension HearthProcess {
    /// The files below `media/` of the data directory, as paths from there.
    func mediaFiles() throws -> [String] {
        let root = dataDirectory.appending(path: "media")
        let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        return names.filter { name in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: root.appending(path: name).path, isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }.sorted()
    }

    /// The value of a line such as `VmHWM` in the process's status, in kilobytes.
    func memory(_ line: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(processID ?? 0)/status", encoding: .utf8)
        let found = status.split(separator: "\n").first { $0.hasPrefix(line + ":") }
        return found.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    /// The processes whose parent this is, dead ones that nobody reaped among them.
    func children() throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { $0.allSatisfy(\.isNumber) }
        return names.compactMap { name in
            guard let status = FileManager.default.contents(atPath: "/proc/\(name)/status") else { return nil }
            let text = String(decoding: status, as: UTF8.self)
            return text.contains("\nPPid:\t\(processID ?? 0)\n") ? text.prefix { $0 != "\n" } + " " + name : nil
        }
    }
}

/// Waits until something is so; false after ten seconds.
func soon(_ condition: () throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}

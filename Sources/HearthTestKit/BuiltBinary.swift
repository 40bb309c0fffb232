import Foundation

/// Where the `hearth` that these tests belong to is: named by `HEARTH_BINARY`, or built beside the test bundle.
public enum BuiltBinary {
    public static func path() throws(HearthProcessError) -> String {
        if let named = ProcessInfo.processInfo.environment["HEARTH_BINARY"] {
            guard isProgram(named) else { throw HearthProcessError("HEARTH_BINARY names no program: \(named)") }
            return named
        }
        let bundle = URL(filePath: CommandLine.arguments.first ?? "").standardizedFileURL
        let found = foldersAbove(bundle).lazy
            .flatMap { [$0.appending(path: "hearth"), $0.appending(path: ".build/debug/hearth")] }
            .map(\.path).first(where: isProgram)
        guard let found else {
            throw HearthProcessError("no hearth beside \(bundle.path): run `swift build` first, or name one in HEARTH_BINARY")
        }
        return found
    }

    private static func foldersAbove(_ file: URL) -> [URL] {
        var folders = [file.deletingLastPathComponent()]
        while let last = folders.last, last.path != "/", folders.count < 64 { folders.append(last.deletingLastPathComponent()) }
        return folders
    }

    private static func isProgram(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
            && FileManager.default.isExecutableFile(atPath: path)
    }
}

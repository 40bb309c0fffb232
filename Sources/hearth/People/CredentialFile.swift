import Foundation
import HearthClient
import MatrixModel

/// Where `hearth login` keeps what it got: `$XDG_CONFIG_HOME/hearth/login.json`, or below `~/.config`.
///
/// Guarantees: the file is its owner's alone (0600) from its first byte on, in a directory that is so too (0700), and is replaced as a
/// whole or not at all.
struct CredentialFile {
    let path: String

    init(environment: [String: String]) throws(CommandFailure) {
        // The XDG specification ignores a path that is not absolute.
        if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") {
            path = base + "/hearth/login.json"
        } else if let home = environment["HOME"], !home.isEmpty {
            path = home + "/.config/hearth/login.json"
        } else {
            throw CommandFailure("there is neither HOME nor XDG_CONFIG_HOME to keep a login in; set HEARTH_URL and HEARTH_TOKEN")
        }
    }

    /// Nil when nobody is logged in.
    func read() throws -> Credentials? {
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        let object = try JSON(parsing: Array(bytes), options: .clientRequest).objectValue
        guard let url = object?["url"]?.stringValue.flatMap({ ServerURL($0) }),
            let user = object?["user_id"]?.stringValue.flatMap({ UserID($0) }),
            let device = object?["device_id"]?.stringValue, let token = object?["access_token"]?.stringValue
        else { throw CommandFailure("\(path) is not what `hearth login` wrote; remove it and log in again") }
        return Credentials(url: url, user: user, device: device, token: token)
    }

    func write(_ credentials: Credentials) throws {
        let directory = URL(filePath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory)
        let content: JSONObject = [
            "url": .string(credentials.url.description), "user_id": .string(credentials.user.rawValue),
            "device_id": .string(credentials.device), "access_token": .string(credentials.token),
        ]
        let temporary = "\(path).\(getpid())"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CommandFailure("cannot write \(temporary): \(String(cString: strerror(errno)))") }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: Data(content.bytes + [UInt8(ascii: "\n")]))
            try file.synchronize()
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            unlink(temporary)
            throw CommandFailure("cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }

    func remove() { unlink(path) }
}

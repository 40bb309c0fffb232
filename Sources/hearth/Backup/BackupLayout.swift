import HearthClient
import Homeserver
import MatrixModel

/// What stands where in a backup: a tar archive whose parts come in this order.
///
/// | name | |
/// |---|---|
/// | `hearth-backup.json` | the manifest |
/// | `hearth.db` | the database, signing key included |
/// | `media/…` | the uploaded files that the database names, unless they were left out |
/// | `SHA256SUMS` | the hash of every part before it, as `sha256sum -c` reads them; without it the archive is cut off |
enum BackupLayout {
    static let manifest = "hearth-backup.json"
    static let database = "hearth.db"
    static let media = "media"
    static let sums = "SHA256SUMS"

    /// Whether a part of this name has a place in a data directory. Nothing else is ever written.
    static func isMedia(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == media else { return false }
        return parts.dropFirst().allSatisfy { part in
            !part.isEmpty && part.utf8.first != UInt8(ascii: ".")
                && part.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                        || Array("._-".utf8).contains(byte)
                }
        }
    }
}

/// The first part of a backup: what it is of.
struct BackupManifest: Equatable {
    static let format: Int64 = 1

    let serverName: ServerName
    let created: MatrixTimestamp
    let hasMedia: Bool

    var json: JSONObject {
        [
            "format": .integer(Self.format), "hearth": .string(Version.text), "server_name": .string(serverName.rawValue),
            "created_ts": .integer(created.milliseconds), "media": .bool(hasMedia),
        ]
    }

    init(serverName: ServerName, created: MatrixTimestamp, hasMedia: Bool) {
        self.serverName = serverName
        self.created = created
        self.hasMedia = hasMedia
    }

    init(_ bytes: [UInt8]) throws(CommandFailure) {
        let object: JSONObject?
        do throws(JSONParseError) {
            object = try JSON(parsing: bytes, options: .clientRequest).objectValue
        } catch {
            throw CommandFailure("this is no backup that `hearth backup` made")
        }
        guard object?["format"]?.integerValue == Self.format else {
            throw CommandFailure(
                "this backup has a format that this version does not know; restore it with the Hearth that made it")
        }
        guard let serverName = object?["server_name"]?.stringValue.flatMap({ ServerName($0) }),
            let created = object?["created_ts"]?.integerValue, let hasMedia = object?["media"]?.boolValue
        else { throw CommandFailure("the manifest of the backup is not what `hearth backup` writes") }
        self.init(serverName: serverName, created: MatrixTimestamp(milliseconds: created), hasMedia: hasMedia)
    }
}

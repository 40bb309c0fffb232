import HTTPTypes
import HearthRuntime
import HearthServices
import HearthStore
import MatrixModel

/// POST /_matrix/client/v3/room_keys/version: a new key backup, which becomes the current one.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3room_keysversion).
enum PostBackupVersion: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("room_keys/version")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.keyBackup, by: requester.user)
        let body = try await call.body()
        let version = try await call.services.encryption.backups.createVersion(
            algorithm: body.requiredString("algorithm"), authData: body.requiredObject("auth_data").json, of: requester.user)
        return ClientAnswer(["version": .string(String(version))])
    }
}

/// GET /_matrix/client/v3/room_keys/version: the current key backup.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3room_keysversion).
enum GetCurrentBackupVersion: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = PostBackupVersion.paths

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.keyBackup, by: requester.user)
        return ClientAnswer(try await call.services.encryption.backups.currentVersion(of: requester.user).json)
    }
}

/// GET /_matrix/client/v3/room_keys/version/{version}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3room_keysversionversion).
enum GetBackupVersion: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("room_keys/version/:version")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.keyBackup, by: requester.user)
        let version = BackupVersion.number(call.path.text("version"))
        return ClientAnswer(try await call.services.encryption.backups.version(version, of: requester.user).json)
    }
}

/// PUT /_matrix/client/v3/room_keys/version/{version}: new `auth_data` of a key backup.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3room_keysversionversion).
enum PutBackupVersion: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = GetBackupVersion.paths

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.keyBackup, by: requester.user)
        let body = try await call.body()
        let text = call.path.text("version")
        if let named = try body.string("version"), !named.hasSameBytes(as: text) {
            throw ClientFailure.invalidParameter("\"version\" is not the version that the path names.")
        }
        try await call.services.encryption.backups.update(
            BackupVersion.number(text), algorithm: body.requiredString("algorithm"),
            authData: body.requiredObject("auth_data").json, of: requester.user)
        return .empty
    }
}

/// DELETE /_matrix/client/v3/room_keys/version/{version}: deletes a key backup with all its keys.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3room_keysversionversion).
enum DeleteBackupVersion: UserEndpoint {
    static let method = HTTPRequest.Method.delete
    static let paths = GetBackupVersion.paths

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.keyBackup, by: requester.user)
        try await call.services.encryption.backups.deleteVersion(
            BackupVersion.number(call.path.text("version")), of: requester.user)
        return .empty
    }
}

/// The version of a backup on the wire: a text that clients take as it is.
enum BackupVersion {
    /// 0, which no version has, for a text that no version has.
    static func number(_ text: String) -> Int64 {
        guard let number = Int64(text), String(number).hasSameBytes(as: text) else { return 0 }
        return number
    }
}

extension KeyBackup {
    fileprivate var json: JSONObject {
        [
            "algorithm": .string(algorithm), "auth_data": .object(authData), "count": .integer(sessionCount),
            "etag": .string(String(etag)), "version": .string(String(version)),
        ]
    }
}

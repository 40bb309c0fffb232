import HTTPTypes
import HearthRuntime
import HearthServices
import HearthStore
import MatrixModel

/// PUT /_matrix/client/v3/room_keys/keys, /room_keys/keys/{roomId} and /room_keys/keys/{roomId}/{sessionId}: keys for the current backup.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3room_keyskeys),
/// [of a room](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3room_keyskeysroomid),
/// [of a session](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3room_keyskeysroomidsessionid).
enum PutBackupKeys: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = BackupPath.patterns

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.keyBackup, by: requester.user)
        let path = try BackupPath(call)
        let body = try await call.body()
        var sessions: [(room: RoomID, id: String, session: BackedUpSession)] = []
        switch (path.room, path.session) {
        case (let room?, let session?): sessions = [(room: room, id: session, session: try BackedUpSession(body))]
        case (let room?, nil): sessions = try BackupBody.sessions(of: room, in: body)
        default:
            for member in try body.requiredObject("rooms").json.members {
                guard let room = RoomID(member.key) else {
                    throw ClientFailure.invalidParameter("The members of \"rooms\" are room ids.")
                }
                guard let json = member.value.objectValue else { throw ClientFailure.badJSON("\"rooms\" maps rooms to objects.") }
                sessions += try BackupBody.sessions(of: room, in: JSONBody(json))
            }
        }
        let backup = try await call.services.encryption.backups.store(sessions, in: path.version, of: requester.user)
        return ClientAnswer(backup.change)
    }
}

/// GET /_matrix/client/v3/room_keys/keys, /room_keys/keys/{roomId} and /room_keys/keys/{roomId}/{sessionId}: keys of a backup.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3room_keyskeys),
/// [of a room](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3room_keyskeysroomid),
/// [of a session](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3room_keyskeysroomidsessionid).
enum GetBackupKeys: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = BackupPath.patterns

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.keyBackup, by: requester.user)
        let path = try BackupPath(call)
        let backups = call.services.encryption.backups
        if let room = path.room, let session = path.session {
            return ClientAnswer(try await backups.session(session, room: room, in: path.version, of: requester.user).json)
        }
        let sessions = try await backups.sessions(in: path.version, room: path.room, of: requester.user)
        if path.room != nil { return ClientAnswer(BackupBody.json(of: sessions[...])) }
        return .object { stream in
            stream.member("rooms") { stream in
                var rest = sessions[...]
                while let room = rest.first?.room {
                    let sessions = rest.prefix { $0.room == room }
                    stream.member(room.rawValue, .object(BackupBody.json(of: sessions)))
                    rest = rest[sessions.endIndex...]
                }
            }
        }
    }
}

/// DELETE /_matrix/client/v3/room_keys/keys, /room_keys/keys/{roomId} and /room_keys/keys/{roomId}/{sessionId}: deletes keys of a backup.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3room_keyskeys),
/// [of a room](https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3room_keyskeysroomid),
/// [of a session](https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3room_keyskeysroomidsessionid).
enum DeleteBackupKeys: UserEndpoint {
    static let method = HTTPRequest.Method.delete
    static let paths = BackupPath.patterns

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.keyBackup, by: requester.user)
        let path = try BackupPath(call)
        let backup = try await call.services.encryption.backups.deleteSessions(
            in: path.version, room: path.room, session: path.session, of: requester.user)
        return ClientAnswer(backup.change)
    }
}

/// What the paths of a backup's keys name.
private struct BackupPath {
    static let patterns =
        Paths.stable("room_keys/keys") + Paths.stable("room_keys/keys/:roomID")
        + Paths.stable("room_keys/keys/:roomID/:sessionID")

    let version: Int64
    let room: RoomID?
    let session: String?

    init(_ call: ClientCall) throws(ClientFailure) {
        room = call.path.has("roomID") ? try call.path.room() : nil
        session = call.path.has("sessionID") ? call.path.text("sessionID") : nil
        if let session { try BackupBody.check(sessionID: session) }
        version = BackupVersion.number(try call.query.required("version"))
    }
}

/// Sessions of a backup on the wire.
private enum BackupBody {
    static func check(sessionID: String) throws(ClientFailure) {
        guard (1...255).contains(sessionID.utf8.count) else { throw .invalidParameter("A session id has 1 to 255 bytes.") }
    }

    static func sessions(
        of room: RoomID, in body: JSONBody
    ) throws(ClientFailure) -> [(room: RoomID, id: String, session: BackedUpSession)] {
        var sessions: [(room: RoomID, id: String, session: BackedUpSession)] = []
        for member in try body.requiredObject("sessions").json.members {
            try check(sessionID: member.key)
            guard let json = member.value.objectValue else { throw .badJSON("\"sessions\" maps session ids to objects.") }
            sessions.append((room: room, id: member.key, session: try BackedUpSession(JSONBody(json))))
        }
        return sessions
    }

    static func json(of sessions: ArraySlice<(room: RoomID, id: String, session: BackedUpSession)>) -> JSONObject {
        ["sessions": .object(JSONObject(sessions.map { ($0.id, .object($0.session.json)) }))]
    }
}

extension BackedUpSession {
    fileprivate init(_ body: JSONBody) throws(ClientFailure) {
        self.init(
            firstMessageIndex: try body.requiredCount("first_message_index"),
            forwardedCount: try body.requiredCount("forwarded_count"), isVerified: try body.requiredBool("is_verified"),
            sessionData: try body.requiredObject("session_data").json)
    }

    fileprivate var json: JSONObject {
        [
            "first_message_index": .integer(firstMessageIndex), "forwarded_count": .integer(forwardedCount),
            "is_verified": .bool(isVerified), "session_data": .object(sessionData),
        ]
    }
}

extension JSONBody {
    fileprivate func requiredBool(_ key: String) throws(ClientFailure) -> Bool {
        guard let value = try bool(key) else { throw .missingParameter(key) }
        return value
    }

    /// A whole number, 0 or more.
    fileprivate func requiredCount(_ key: String) throws(ClientFailure) -> Int64 {
        guard let value = self[key] else { throw .missingParameter(key) }
        guard let number = value.integerValue, number >= 0 else { throw .badJSON("\"\(key)\" is a whole number, 0 or more.") }
        return number
    }
}

extension KeyBackup {
    /// What every change of the keys is answered with.
    fileprivate var change: JSONObject { ["etag": .string(String(etag)), "count": .integer(sessionCount)] }
}

import HTTPTypes
import HearthRuntime
import HearthServices
import HearthStore
import MatrixModel
import SubscriptionCore

/// POST /_matrix/client/v3/keys/upload: this device's identity keys, one-time keys and fallback keys.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysupload).
enum PostKeysUpload: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("keys/upload")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.keys, by: requester.user)
        let upload = try KeyUpload(parsing: await call.body().json, of: requester.key)
        let counts = try await call.services.encryption.keys.upload(upload, by: requester.key)
        let members = counts.map { ($0.key, JSON.integer(Int64($0.value))) }
        return ClientAnswer(["one_time_key_counts": .object(JSONObject(members))])
    }
}

/// POST /_matrix/client/v3/keys/query: the keys of users and their devices.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysquery). Users of other servers are `failures`: this server
/// does not federate.
enum PostKeysQuery: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("keys/query")
    static let workload = Workload.read

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.keys, by: requester.user)
        let wanted = try await call.body().requiredObject("device_keys")
        try KeyService.checkCount(ofQueried: wanted.json.count)
        var queries: [KeyQuery] = []
        var failures = UnreachableServers(own: call.services.settings.serverName)
        for member in wanted.json.members {
            let user = try KeyMap.user(member.key, in: "device_keys")
            guard let list = member.value.isNull ? [] : member.value.arrayValue else {
                throw ClientFailure.badJSON("\"device_keys\" maps users to lists of device ids.")
            }
            var devices: Set<DeviceID> = []
            for value in list {
                guard let text = value.stringValue else { throw ClientFailure.badJSON("Device ids are strings.") }
                if let device = DeviceID(text) { devices.insert(device) }
            }
            if failures.note(user) { continue }
            queries.append(KeyQuery(user: user, devices: list.isEmpty ? nil : devices))
        }
        let keys = try await call.services.encryption.keys.query(queries, by: requester.user)
        return ClientAnswer([
            "failures": failures.json, "device_keys": .object(JSONObject(keys.map { ($0.user.rawValue, .object($0.deviceMap)) })),
            "master_keys": crossSigning(.master, of: keys), "self_signing_keys": crossSigning(.selfSigning, of: keys),
            "user_signing_keys": crossSigning(.userSigning, of: keys),
        ])
    }

    private static func crossSigning(_ usage: CrossSigningUsage, of users: [UserKeys]) -> JSON {
        .object(
            JSONObject(
                users.compactMap { user in user.crossSigning[usage].map { (user.user.rawValue, .object($0)) } }))
    }
}

/// POST /_matrix/client/v3/keys/claim: one key of each named device, to begin an encrypted session with it.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysclaim).
enum PostKeysClaim: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("keys/claim")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.keys, by: requester.user)
        let wanted = try await call.body().requiredObject("one_time_keys")
        try KeyService.checkCount(ofClaims: wanted.json.members.reduce(0) { $0 + ($1.value.objectValue?.count ?? 0) })
        var claims: [KeyClaim] = []
        var failures = UnreachableServers(own: call.services.settings.serverName)
        for member in wanted.json.members {
            let user = try KeyMap.user(member.key, in: "one_time_keys")
            guard let devices = member.value.objectValue else {
                throw ClientFailure.badJSON("\"one_time_keys\" maps users to devices.")
            }
            if failures.note(user) { continue }
            for device in devices.members {
                guard let algorithm = device.value.stringValue else {
                    throw ClientFailure.badJSON("\"one_time_keys\" maps devices to the name of an algorithm.")
                }
                guard let id = DeviceID(device.key) else { continue }
                claims.append(KeyClaim(device: DeviceKey(user: user, device: id), algorithm: algorithm))
            }
        }
        var users: JSONObject = [:]
        for (device, key) in try await call.services.encryption.keys.claim(claims, by: requester.user) {
            var devices = users[device.user.rawValue]?.objectValue ?? [:]
            devices[device.device.rawValue] = .object(JSONObject([("\(key.algorithm):\(key.id)", key.key)]))
            users[device.user.rawValue] = .object(devices)
        }
        return ClientAnswer(["failures": failures.json, "one_time_keys": .object(users)])
    }
}

/// GET /_matrix/client/v3/keys/changes: whose keys changed between two syncs.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3keyschanges). What changed after `to` is told too, as the spec
/// lets a server do.
enum GetKeysChanges: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("keys/changes")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (query, history) = (call.query, call.services.history)
        for name in ["from", "to"] where try query.token(name) == nil { throw ClientFailure.missingParameter(name) }
        guard let from = try query.point("from", in: history), try query.point("to", in: history) != nil else {
            throw ClientFailure.missingParameter("from")
        }
        let (changed, left) = call.services.encryption.keys.changes(for: requester.user, since: from.position)
        return ClientAnswer([
            "changed": .array(changed.map { .string($0.rawValue) }), "left": .array(left.map { .string($0.rawValue) }),
        ])
    }
}

/// Members of bodies that are named by user.
enum KeyMap {
    static func user(_ text: String, in name: String) throws(ClientFailure) -> UserID {
        guard let user = UserID(text) else { throw .invalidParameter("The members of \"\(name)\" are user ids.") }
        return user
    }
}

/// The servers of users who were asked for and are not from here.
private struct UnreachableServers {
    let own: ServerName
    private var servers: Set<ServerName> = []

    init(own: ServerName) { self.own = own }

    /// Whether the user is one of another server; notes it then.
    mutating func note(_ user: UserID) -> Bool {
        if user.server == own { return false }
        servers.insert(user.server)
        return true
    }

    var json: JSON {
        let error = MatrixError(.unknown, "This server does not federate.").json
        return .object(JSONObject(servers.map { ($0.rawValue, .object(error)) }))
    }
}

extension UserKeys {
    fileprivate var deviceMap: JSONObject { JSONObject(devices.map { ($0.id.rawValue, .object($0.keys)) }) }
}

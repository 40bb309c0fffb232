import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// GET /_matrix/client/v3/profile/{userId}: needs no token; what follows the audience shows to it.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3profileuserid).
enum GetProfile: Endpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("profile/:userID")

    static func answer(_ call: ClientCall) async throws -> ClientAnswer {
        let user = try call.path.user()
        return ClientAnswer(try await call.services.profiles.profile(of: user, for: call.lookingUp()))
    }
}

/// GET /_matrix/client/v3/profile/{userId}/{keyName}: needs no token; what follows the audience shows to it.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3profileuseridkeyname).
enum GetProfileField: Endpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("profile/:userID/:keyName")

    static func answer(_ call: ClientCall) async throws -> ClientAnswer {
        let (user, key) = (try call.path.user(), call.path.text("keyName"))
        let value = try await call.services.profiles.field(key, of: user, for: call.lookingUp())
        return ClientAnswer(JSONObject([(key, value)]))
    }
}

/// PUT /_matrix/client/v3/profile/{userId}/{keyName}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3profileuseridkeyname).
enum PutProfileField: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = Paths.stable("profile/:userID/:keyName")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (user, key) = (try call.path.user(), call.path.text("keyName"))
        let propagation = try call.propagation(of: key)
        guard let value = try await call.body().json[key] else { throw ClientFailure.missingParameter(key) }
        try call.services.limits.take(AudienceField(named: key) == nil ? .profile : .status, by: requester.user)
        try await call.services.profiles.set(
            key, to: value, of: user, by: requester.key, propagation: propagation)
        return .empty
    }
}

/// DELETE /_matrix/client/v3/profile/{userId}/{keyName}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3profileuseridkeyname).
enum DeleteProfileField: UserEndpoint {
    static let method = HTTPRequest.Method.delete
    static let paths = Paths.stable("profile/:userID/:keyName")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (user, key) = (try call.path.user(), call.path.text("keyName"))
        let propagation = try call.propagation(of: key)
        try call.services.limits.take(AudienceField(named: key) == nil ? .profile : .status, by: requester.user)
        try await call.services.profiles.set(key, to: nil, of: user, by: requester.key, propagation: propagation)
        return .empty
    }
}

extension ClientCall {
    /// Into which rooms a change of a profile's field goes: `computer.gingershaped.msc4466.propagate_to` of
    /// [MSC4466](https://github.com/matrix-org/matrix-spec-proposals/pull/4466). Means something only for what stands in member events.
    fileprivate func propagation(of key: String) throws(ClientFailure) -> ProfilePropagation {
        let name = "computer.gingershaped.msc4466.propagate_to"
        guard key == "displayname" || key == "avatar_url", let word = query[name] else { return .all }
        guard let propagation = ProfilePropagation(rawValue: word) else {
            throw .invalidParameter("\"\(name)\" is all, unchanged or none.")
        }
        return propagation
    }
}

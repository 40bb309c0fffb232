import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// POST /_matrix/client/v3/keys/device_signing/upload: the user's cross-signing keys; replacing them takes the password once more.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysdevice_signingupload).
enum PostDeviceSigningUpload: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("keys/device_signing/upload")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.keys, by: requester.user)
        let body = try await call.body()
        let upload = try CrossSigningUpload(parsing: body.json, of: requester.user)
        try await call.services.encryption.keys.uploadCrossSigningKeys(upload, by: requester, auth: UIAuth(in: body))
        return .empty
    }
}

/// POST /_matrix/client/v3/keys/signatures/upload: signatures of devices and of cross-signing keys.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keyssignaturesupload).
enum PostSignaturesUpload: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("keys/signatures/upload")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.keys, by: requester.user)
        var submitted: [SubmittedSignatures] = []
        for member in try await call.body().json.members {
            let user = try KeyMap.user(member.key, in: "the body")
            guard let keys = member.value.objectValue else { throw ClientFailure.badJSON("The body maps users to signed keys.") }
            for key in keys.members {
                guard let json = key.value.objectValue else { throw ClientFailure.badJSON("A signed key is an object.") }
                submitted.append(SubmittedSignatures(user: user, key: key.key, json: json))
            }
        }
        var failures: JSONObject = [:]
        for (key, failure) in try await call.services.encryption.keys.addSignatures(submitted, by: requester.user) {
            var keys = failures[key.user.rawValue]?.objectValue ?? [:]
            keys[key.key] = .object(MatrixError(failure.code, failure.sentence).json)
            failures[key.user.rawValue] = .object(keys)
        }
        return ClientAnswer(["failures": .object(failures)])
    }
}

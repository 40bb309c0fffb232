import HTTPTypes
import HearthMedia
import HearthRuntime
import HearthServices
import MatrixModel

/// POST /_matrix/media/v3/upload: stores the body of the request as a file.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixmediav3upload).
enum PostUpload: UploadEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.media("upload")

    static func answer(_ call: ClientCall, upload: Upload<RequestBytes>, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.upload, by: requester.user)
        let uri = try await call.services.media.upload(upload, of: requester.user)
        return ClientAnswer(["content_uri": .string(uri.description)])
    }
}

/// PUT /_matrix/media/v3/upload/{serverName}/{mediaId}: stores the content of an id that was made before.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixmediav3uploadservernamemediaid).
enum PutUpload: UploadEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = Paths.media("upload/:serverName/:mediaID")

    static func answer(_ call: ClientCall, upload: Upload<RequestBytes>, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.upload, by: requester.user)
        try await call.services.media.upload(upload, to: call.path.media(), of: requester.user)
        return .empty
    }
}

/// POST /_matrix/media/v1/create: an id for content that is uploaded later. It exists for a day without it.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixmediav1create).
enum PostCreateMedia: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = ["/_matrix/media/v1/create"]

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        _ = try await call.body(isOptional: true)
        try call.services.limits.take(.upload, by: requester.user)
        let (uri, expires) = try await call.services.media.createUnused(for: requester.user)
        return ClientAnswer([
            "content_uri": .string(uri.description), "unused_expires_at": .integer(expires.milliseconds),
        ])
    }
}

import HTTPTypes
import HearthRuntime
import HearthServices
import HearthStore
import MatrixModel

/// POST /_matrix/client/v3/user_directory/search: users by id and name, as far as the searcher may know of them.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3user_directorysearch).
enum PostUserDirectorySearch: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("user_directory/search")
    static let workload = Workload.read

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let body = try await call.body()
        let (term, limit) = (
            try body.requiredString("search_term").checkedAsSearchTerm("search_term"), try body.limit()
        )
        try call.services.limits.take(.search, by: requester.user)
        let (found, isLimited) = try await call.services.directories.users(matching: term, limit: limit, for: requester.user)
        return .object { stream in
            stream.member("results", array: found) { stream, user in stream.value(.object(user.json)) }
            stream.member("limited", .bool(isLimited))
        }
    }
}

extension UserDirectoryEntry {
    fileprivate var json: JSONObject {
        var json: JSONObject = ["user_id": .string(user.rawValue)]
        json["display_name"] = displayName.map { .string($0) }
        json["avatar_url"] = avatarURL.map { .string($0) }
        return json
    }
}

import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// POST /_matrix/client/unstable/io.hearth/peek_profiles: this device peeks into the profile rooms of up to 500 users; again renews.
///
/// A member list wants them all at once: [MSC2753](https://github.com/matrix-org/matrix-spec-proposals/pull/2753) would take a
/// request each. Users who cannot be peeked at are in `errors`, each with an error of their own.
enum PostPeekProfiles: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.unstable("io.hearth/peek_profiles")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let request = try self.request(await call.body())
        try call.services.limits.take(.bulkPeek, by: requester.user)
        return answer(try await call.services.peeks.peekProfiles(request, by: requester.key))
    }

    static func request(_ body: JSONBody) throws -> ProfilePeekRequest {
        var userIDs: [String] = []
        for value in try body.requiredArray("user_ids") {
            guard let text = value.stringValue else { throw ClientFailure.badJSON("\"user_ids\" is a list of user ids.") }
            userIDs.append(text)
        }
        return try ProfilePeekRequest(userIDs: userIDs)
    }

    static func answer(_ answer: ProfilePeekAnswer) -> ClientAnswer {
        var errors = answer.refusals.map { ($0.user.rawValue, $0.error.failure.body) }
        errors += answer.malformed.map { ($0, ClientFailure.invalidParameter("This is not a user id.").body) }
        return .object { stream in
            stream.member("peeks") { stream in
                for (user, peek) in answer.peeks {
                    stream.member(
                        user.rawValue,
                        ["room_id": .string(peek.room.rawValue), "peek_expiry_ts": .integer(peek.expires.milliseconds)])
                }
            }
            stream.member("errors") { stream in
                for (user, error) in errors { stream.member(user, .object(error)) }
            }
        }
    }
}

extension ProfilePeekError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .tooManyUsers(let limit): .invalidParameter("\"user_ids\" names \(limit) users at most.")
        }
    }
}

import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// PUT /_matrix/client/v3/rooms/{roomId}/typing/{userId}: the user types, or has stopped.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3roomsroomidtypinguserid). A `timeout` of more than 30 s
/// counts as 30 s, and so does a missing one.
enum PutTyping: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = Paths.stable("rooms/:roomID/typing/:userID")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let room = try call.path.room()
        _ = try call.ownUser(requester)
        let body = try await call.body()
        guard let isTyping = try body.bool("typing") else { throw ClientFailure.missingParameter("typing") }
        let timeout = try body.milliseconds("timeout")
        try call.services.limits.take(.typing, by: requester.user)
        if isTyping {
            try call.services.typing.typed(in: room, by: requester.key, for: timeout)
        } else {
            try call.services.typing.stopped(in: room, by: requester.key)
        }
        return .empty
    }
}

extension JSONBody {
    /// A whole number of milliseconds, 0 or more; nil where it is missing.
    fileprivate func milliseconds(_ key: String) throws(ClientFailure) -> Duration? {
        guard let value = self[key] else { return nil }
        guard let number = value.integerValue, number >= 0 else {
            throw .badJSON("\"\(key)\" is a number of milliseconds, 0 or more.")
        }
        return .milliseconds(number)
    }
}

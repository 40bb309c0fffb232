import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel
import SubscriptionCore

/// GET /_matrix/client/v3/notifications: what the requester was notified of, the newest first.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3notifications). `actions` tells of the highlight, not of
/// sounds; a value of `only` that is not `highlight` filters nothing.
enum GetNotifications: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("notifications")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (query, history) = (call.query, call.services.history)
        let (from, limit) = (try query.point("from", in: history), try query.limit())
        try call.services.limits.take(.search, by: requester.user)
        let page = try await call.services.push.history.page(
            of: requester.user, from: from, limit: limit, onlyHighlights: query["only"] == "highlight")
        return .object { stream in
            stream.member("notifications", array: page.entries) { stream, entry in
                stream.object { stream in
                    stream.member("actions", entry.level.actions)
                    stream.member("event", event: entry.event, for: requester.key)
                    stream.member("read", .bool(entry.isRead))
                    stream.member("room_id", .string(entry.event.roomID.rawValue))
                    stream.member("ts", .integer(entry.event.originServerTS.milliseconds))
                }
            }
            if let next = page.next { stream.member("next_token", .string(history.token(of: next).description)) }
        }
    }
}

extension NoticeLevel {
    fileprivate var actions: JSON {
        switch self {
        case .none: []
        case .notify: ["notify"]
        case .highlight: ["notify", ["set_tweak": "highlight"]]
        }
    }
}

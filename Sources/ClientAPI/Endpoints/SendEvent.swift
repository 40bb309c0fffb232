import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid).
enum PutSendEvent: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = Paths.stable("rooms/:roomID/send/:eventType/:transactionID")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (room, type, transaction) = (try call.path.room(), try call.path.eventType(), try call.path.transactionID())
        let content = try await call.body().eventContent()
        try call.services.limits.take(.send, by: requester.user)
        let event = try await call.services.rooms.send(
            type, content: content, in: room, transactionID: transaction, by: requester.key)
        return ClientAnswer(["event_id": .string(event.rawValue)])
    }
}

/// PUT /_matrix/client/v3/rooms/{roomId}/redact/{eventId}/{txnId}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3roomsroomidredacteventidtxnid).
enum PutRedact: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = Paths.stable("rooms/:roomID/redact/:eventID/:transactionID")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (room, target, transaction) = (try call.path.room(), try call.path.event(), try call.path.transactionID())
        let reason = try await call.body(isOptional: true).string("reason")
        try call.services.limits.take(.send, by: requester.user)
        let event = try await call.services.rooms.redact(
            target, in: room, reason: reason, transactionID: transaction, by: requester.key)
        return ClientAnswer(["event_id": .string(event.rawValue)])
    }
}

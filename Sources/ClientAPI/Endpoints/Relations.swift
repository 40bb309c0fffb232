import HTTPTypes
import HearthServices
import MatrixModel
import SubscriptionCore

/// GET /_matrix/client/v1/rooms/{roomId}/relations/{eventId}[/{relType}[/{eventType}]]: what relates to an event, the newest first unless
/// asked otherwise.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv1roomsroomidrelationseventidreltypeeventtype).
enum GetRelations: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = ["", "/:relType", "/:relType/:eventType"].flatMap { Paths.v1("rooms/:roomID/relations/:eventID" + $0) }

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (query, history) = (try query(call), call.services.history)
        let page = try await call.services.reader.relations(
            of: call.path.event(), in: call.path.room(), query: query, for: requester.user)
        return .object { stream in
            stream.member("chunk", events: page.events, for: requester.key, withRoomID: true, edits: page.edits)
            if let next = page.next { stream.member("next_batch", .string(history.token(of: next).description)) }
            if let from = query.from { stream.member("prev_batch", .string(history.token(of: from).description)) }
            if call.query["recurse"] != nil {
                stream.member("recursion_depth", .integer(query.isRecursive ? Int64(RoomReader.relationsDepth) : 1))
            }
        }
    }

    private static func query(_ call: ClientCall) throws(ClientFailure) -> RoomReader.RelationsQuery {
        var query = RoomReader.RelationsQuery()
        if call.path.has("relType") { query.type = RelationType(call.path.text("relType")) }
        if call.path.has("eventType") { query.eventType = try call.path.eventType() }
        if let word = call.query["dir"] {
            guard let direction = RoomReader.Direction(rawValue: word) else { throw .invalidParameter("\"dir\" is b or f.") }
            query.direction = direction
        }
        let history = call.services.history
        (query.from, query.to) = (try call.query.point("from", in: history), try call.query.point("to", in: history))
        query.limit = try call.query.limit()
        query.isRecursive = try call.query.flag("recurse")
        return query
    }
}

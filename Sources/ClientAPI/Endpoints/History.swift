import HTTPTypes
import HearthServices
import MatrixModel
import SubscriptionCore

/// GET /_matrix/client/v3/rooms/{roomId}/event/{eventId}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomideventeventid).
enum GetEvent: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("rooms/:roomID/event/:eventID")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (event, edit) = try await call.services.reader.event(call.path.event(), in: call.path.room(), for: requester.user)
        return ClientAnswer(event, for: requester, edit: edit)
    }
}

/// GET /_matrix/client/v3/rooms/{roomId}/context/{eventId}: an event and what stands around it.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidcontexteventid).
enum GetContext: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("rooms/:roomID/context/:eventID")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let context = try await call.services.reader.context(
            of: call.path.event(), in: call.path.room(), limit: call.query.limit(), filter: call.query.eventFilter(),
            for: requester.user)
        let history = call.services.history
        return .object { stream in
            stream.member("event", event: context.event, for: requester.key, edit: context.edits[context.event.eventID])
            for (key, events) in [("events_before", context.before), ("events_after", context.after)] {
                stream.member(key, events: events, for: requester.key, withRoomID: true, edits: context.edits)
            }
            stream.member("state", events: context.state, for: requester.key, withRoomID: true)
            stream.member("start", .string(history.token(of: context.start).description))
            stream.member("end", .string(history.token(of: context.end).description))
        }
    }
}

/// GET /_matrix/client/v3/rooms/{roomId}/messages: a page of history.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidmessages). An empty `from` is none.
enum GetMessages: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("rooms/:roomID/messages")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (query, history) = (call.query, call.services.history)
        guard let direction = RoomReader.Direction(rawValue: try query.required("dir")) else {
            throw ClientFailure.invalidParameter("\"dir\" is b or f.")
        }
        let page = try await call.services.reader.messages(
            of: call.path.room(), from: query.point("from", in: history), to: query.point("to", in: history),
            direction: direction, limit: query.limit(), filter: query.eventFilter(), for: requester.user)
        return .object { stream in
            stream.member("chunk", events: page.events, for: requester.key, withRoomID: true, edits: page.edits)
            if !page.state.isEmpty { stream.member("state", events: page.state, for: requester.key, withRoomID: true) }
            stream.member("start", .string(history.token(of: page.start).description))
            if let end = page.end { stream.member("end", .string(history.token(of: end).description)) }
        }
    }
}

import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// GET /_matrix/client/v3/rooms/{roomId}/state: the whole state.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidstate).
enum GetRoomState: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("rooms/:roomID/state")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let events = try await call.services.reader.state(of: call.path.room(), for: requester.user)
        var stream = JSONStream()
        stream.array(events) { $0.event($1, for: requester.key, withRoomID: true) }
        return ClientAnswer(bytes: stream.bytes)
    }
}

/// GET /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}: one piece of state, its content or, with `format=event`, the
/// event.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidstateeventtypestatekey). An empty state
/// key may be left out, with its slash or without.
enum GetStateEvent: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("rooms/:roomID/state/:eventType") + Paths.stable("rooms/:roomID/state/:eventType/:stateKey")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let asEvent: Bool
        switch call.query["format"] {
        case nil, "content"?: asEvent = false
        case "event"?: asEvent = true
        default: throw ClientFailure.invalidParameter("\"format\" is content or event.")
        }
        let event = try await call.services.reader.state(
            call.path.state(), of: call.path.room(), for: requester.user)
        return asEvent ? ClientAnswer(event, for: requester) : ClientAnswer(event.content)
    }
}

/// PUT /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3roomsroomidstateeventtypestatekey).
enum PutStateEvent: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = GetStateEvent.paths

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (room, key) = (try call.path.room(), try call.path.state())
        let content = try await call.body().eventContent()
        try call.services.limits.take(LimitedAction(settingState: key, by: requester.user), by: requester.user)
        let event = try await call.services.rooms.setState(key, content: content, in: room, by: requester.key)
        return ClientAnswer(["event_id": .string(event.rawValue)])
    }
}

extension ClientAnswer {
    /// One event with its `room_id`.
    init(_ event: PersistedEvent, for reader: Requester, edit: PersistedEvent? = nil) {
        var bytes: [UInt8] = []
        event.write(to: &bytes, for: reader.key, withRoomID: true, edit: edit)
        self.init(bytes: bytes)
    }
}

extension LimitedAction {
    /// Whatever can be done by another endpoint too is counted like there.
    fileprivate init(settingState key: StateKey, by user: UserID) {
        switch key.type {
        case .status: self = .status
        case .member: self = key.key.hasSameBytes(as: user.rawValue) ? .join : .invite
        default: self = .state
        }
    }
}

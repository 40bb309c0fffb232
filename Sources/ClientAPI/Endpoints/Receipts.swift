import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel

/// POST /_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}: everything up to this event is read.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidreceiptreceipttypeeventid).
enum PostReceipt: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("rooms/:roomID/receipt/:receiptType/:eventID")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.receipt, by: requester.user)
        let (room, event) = (try call.path.room(), try call.path.event())
        guard let kind = ReadMark.Kind(wire: call.path.text("receiptType")) else {
            throw ClientFailure.invalidParameter("A receipt is of the type m.read, m.read.private or m.fully_read.")
        }
        let thread = try thread(in: await call.body(isOptional: true))
        if thread != nil, kind == .fullyRead {
            throw ClientFailure.invalidParameter("\"thread_id\" does not go with m.fully_read.")
        }
        try await call.services.receipts.set([ReadMark(kind, at: event, thread: thread)], in: room, by: requester.key)
        return .empty
    }

    /// Whatever is wrong with a thread's id is 400 `M_INVALID_PARAM`, its type too.
    private static func thread(in body: JSONBody) throws(ClientFailure) -> String? {
        guard let value = body.json["thread_id"] else { return nil }
        guard let thread = value.stringValue, thread == "main" || EventID(thread) != nil else {
            throw .invalidParameter("\"thread_id\" is main or the event id of a thread's root.")
        }
        return thread
    }
}

/// POST /_matrix/client/v3/rooms/{roomId}/read_markers: how far the user has read, by up to three marks at once.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3roomsroomidread_markers).
enum PostReadMarkers: UserEndpoint {
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("rooms/:roomID/read_markers")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.receipt, by: requester.user)
        let room = try call.path.room()
        let body = try await call.body()
        var marks: [ReadMark] = []
        for word in ["m.fully_read", "m.read", "m.read.private"] {
            guard let kind = ReadMark.Kind(wire: word), let text = try body.string(word) else { continue }
            guard let event = EventID(text) else { throw ClientFailure.invalidParameter("\"\(word)\" is an event id.") }
            marks.append(ReadMark(kind, at: event))
        }
        try await call.services.receipts.set(marks, in: room, by: requester.key)
        return .empty
    }
}

extension ReadMark.Kind {
    /// The kind of a receipt type; nil for one that the spec does not know.
    fileprivate init?(wire: String) {
        if wire.hasSameBytes(as: "m.fully_read") {
            self = .fullyRead
        } else if let kind = Receipt.Kind(rawValue: wire) {
            self = .receipt(kind)
        } else {
            return nil
        }
    }
}

import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel
import PresenceCore
import SubscriptionCore

/// GET /_matrix/client/v3/sync: what is new for this device; held until there is something.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3sync).
enum GetSync: UserEndpoint {
    static let method = HTTPRequest.Method.get
    /// Not HEAD: a sync is contact with a device, may be held, and acknowledges what came before. Nothing of that is a question.
    static let methods = [method]
    static let paths = Paths.stable("sync")
    static let workload = Workload.sync

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        var request = try self.request(call.query, point: call.services.history.point(of:))
        request.filter = try await filter(call, user: requester.user)
        let response = try await call.services.sync.sync(request, device: requester.key, connection: call.connection)
        return answer(
            with: response, to: requester, userAgent: call.headers[.userAgent], services: call.services,
            rewriter: try await rewriter(request.filter.form, for: response, reader: call.services.reader))
    }

    static func answer(
        with response: SyncResponse, to requester: Requester, userAgent: @autoclosure () -> String?, services: ClientServices,
        rewriter: EventRewriter?
    ) -> ClientAnswer {
        let writer = SyncResponseWriter(
            response: response, reader: requester.key, history: services.history.stream, rewriter: rewriter)
        return answer(writer.bytes(), with: response, to: requester, userAgent: userAgent(), services: services)
    }

    /// The answer to a sync that is held in its connection; nil for a large one, of which nothing is counted: it is to be made anew, of memory
    /// that is borrowed.
    static func directAnswer(
        with response: SyncResponse, to requester: Requester, userAgent: @autoclosure () -> String?, services: ClientServices
    ) -> ClientAnswer? {
        let writer = SyncResponseWriter(response: response, reader: requester.key, history: services.history.stream)
        guard let bytes = writer.bytes(atMost: ClientAnswer.pieceSize) else { return nil }
        return answer(bytes, with: response, to: requester, userAgent: userAgent(), services: services)
    }

    private static func answer(
        _ bytes: [UInt8], with response: SyncResponse, to requester: Requester, userAgent: @autoclosure () -> String?,
        services: ClientServices
    ) -> ClientAnswer {
        var answer = ClientAnswer(bytes: bytes)
        if !response.presence.isEmpty { services.noteLegacyUse(by: userAgent(), of: requester.user, in: &answer) }
        services.sync.answerIsReady(response)
        return answer
    }

    /// What writes the events of an answer in the form that the filter asks for; nil for the plain one.
    private static func rewriter(
        _ form: EventForm, for response: SyncResponse, reader: RoomReader
    ) async throws -> EventRewriter? {
        if form.isPlain { return nil }
        let rooms = response.joined + response.peeked + response.left
        let signed = form.isFederation ? try await reader.federationForms(of: rooms.flatMap { $0.state + $0.timeline }) : [:]
        return EventRewriter(fields: form.fields, federation: signed)
    }

    /// Everything but the filter, which may stand in the store.
    ///
    /// - Parameter point: where a token is; nil for one of a lost history, with which the client starts over.
    static func request(_ query: QueryParameters, point: (ClientToken) -> SyncToken?) throws(ClientFailure) -> SyncRequest {
        let token = try query.token("since")
        let since = token.flatMap(point)
        var request = SyncRequest(
            since: since, timeout: .milliseconds(try query.number("timeout") ?? 0),
            fullState: try query.flag("full_state"), stateSection: try stateSection(query), claim: try claim(query))
        request.startsOver = token != nil && since == nil
        return request
    }

    /// Which state is asked for: `use_state_after`, and what js-sdk sends until it knows the spec's name.
    private static func stateSection(_ query: QueryParameters) throws(ClientFailure) -> StateSection {
        let asksUnstable = try query.flag("org.matrix.msc4222.use_state_after")
        if try query.flag("use_state_after") { return .afterTimeline }
        return asksUnstable ? .afterTimelineUnstable : .beforeTimeline
    }

    /// What the device says of itself: nothing said is an implied `online`, `offline` is silence.
    private static func claim(_ query: QueryParameters) throws(ClientFailure) -> SyncClaim {
        guard let word = query["set_presence"] else { return .impliedOnline }
        guard let presence = Presence(wire: word) else {
            throw .invalidParameter("\"set_presence\" is online, unavailable, busy or offline.")
        }
        return presence == .offline ? .silent : .explicit(presence)
    }

    /// `filter` is JSON where it begins with a brace, else the id of a stored filter.
    private static func filter(_ call: ClientCall, user: UserID) async throws -> SyncFilter {
        if let filter = try knownFilter(call.query, user: user, filters: call.services.filters) { return filter }
        do {
            return try await call.services.filters.filter(call.query["filter"] ?? "", of: user)
        } catch AccountDataError.notFound {
            throw ClientFailure.invalidParameter("There is no filter of this id.")
        }
    }

    /// The filter, unless it has to be read from the store.
    static func knownFilter(_ query: QueryParameters, user: UserID, filters: FilterService) throws -> SyncFilter? {
        guard let text = query["filter"], !text.isEmpty else { return .open }
        if text.utf8.first == UInt8(ascii: "{") { return try FilterService.parse(JSONBody(parsing: text.utf8).json) }
        return filters.known(text, of: user)
    }
}

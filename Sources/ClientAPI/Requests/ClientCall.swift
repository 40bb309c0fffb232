import HTTPTypes
import HearthMedia
import HearthRuntime
package import HearthServices
import HearthSettings
package import Hummingbird
import MatrixModel
import NIOCore
import NIOHTTPTypes

/// One request, as an endpoint sees it.
package struct ClientCall: Sendable {
    let services: ClientServices
    package let path: PathParameters
    package let query: QueryParameters
    private let request: Request
    var headers: HTTPFields { request.headers }
    private let context: ClientContext

    package init(
        services: ClientServices, path: PathParameters, query: QueryParameters, request: Request, context: ClientContext
    ) {
        self.services = services
        self.path = path
        self.query = query
        self.request = request
        self.context = context
    }

    /// Who asks.
    ///
    /// - Throws: 401 `M_MISSING_TOKEN` or `M_UNKNOWN_TOKEN`.
    package func requester() throws(ClientFailure) -> Requester {
        guard let token = AccessToken.find(in: request.headers, query: query) else {
            throw ClientFailure(.unauthorized, .missingToken, "An access token is needed.")
        }
        do throws(AccountError) {
            let requester = try services.accounts.requester(for: token)
            note(requester.user)
            return requester
        } catch {
            throw error.failure
        }
    }

    /// Who asks, where nobody has to be logged in; nil without a valid token.
    var viewer: UserID? {
        guard let user = services.user(by: request.headers, query: query) else { return nil }
        note(user)
        return user
    }

    /// Who looks something up that nobody needs a token for. Those without one may do so only so often from one address.
    func lookingUp() throws(LimitExceeded) -> UserID? {
        if let viewer { return viewer }
        try services.limits.take(.lookUp, from: address)
        return nil
    }

    private func note(_ user: UserID) {
        context.asker.note(user)
        AnswerMemory.isAsked(by: user)
    }

    /// The user that the path names, where that must be the requester.
    func ownUser(_ requester: Requester) throws(ClientFailure) -> UserID {
        let user = try path.user()
        guard user == requester.user else {
            throw ClientFailure(.forbidden, .forbidden, "This is for the user's own clients alone.")
        }
        return user
    }

    /// Where the request comes from, past trusted proxies.
    var address: ClientAddress {
        ClientAddress.of(request.headers, over: context.channel, trusted: services.settings.trustedProxies)
    }

    /// The connection that the request came over, for an answer that may take long.
    var connection: any ClientConnection { services.connections.connection(of: context.channel) }

    /// The body as a file, in pieces as they come.
    func upload() throws(ClientFailure) -> Upload<RequestBytes> {
        let bytes = RequestBytes(body: request.body, admission: services.admission) { letBodyCome() }
        return try Upload(bytes, headers: request.headers, query: query)
    }

    /// Tells a client that waits to hear whether its body is wanted
    /// ([RFC 9110, 10.1.1](https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1)) that it is. One that is refused gets its answer in place
    /// of this.
    private func letBodyCome() {
        guard request.headers[.expect]?.lowercased() == "100-continue" else { return }
        context.channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)), promise: nil)
    }

    /// The body as a JSON object. Without a valid access token, only a small one is taken.
    ///
    /// - Parameter isOptional: an empty body counts as `{}`.
    /// - Throws: ``ClientFailure``: 413 `M_TOO_LARGE`, 400 `M_NOT_JSON` or `M_BAD_JSON`, 429 where memory is short, 408 where it comes too slowly.
    package func body(isOptional: Bool = false) async throws(ClientFailure) -> JSONBody {
        let user = context.asker.user ?? viewer
        let largest = services.settings.largestBody
        let allowance: CollectedBody.Allowance = user == nil ? .stranger(limit: largest) : .user(limit: largest)
        let limit = allowance.limit
        // Only asked for a large body: the address takes time to find.
        func borrower() -> MemoryBorrower {
            MemoryBorrower(user: user, address: address.countedAs(sharedBy: services.settings.trustedProxies))
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw .bodyTooLarge(limit: limit)
        }
        letBodyCome()
        let body: CollectedBody
        do {
            body = try await services.admission.asleep {
                try await CollectedBody(
                    request.body, allowance: allowance, admission: services.admission, borrower: borrower)
            }
        } catch is NIOTooManyBytesError {
            throw .bodyTooLarge(limit: limit)
        } catch let error as Overloaded {
            var failure = error.failure
            failure.closesConnection = true
            throw failure
        } catch is SenderTooSlow {
            throw ClientFailure(
                .requestTimeout, .unknown, "The body of the request came too slowly, or in too many pieces.",
                closesConnection: true)
        } catch {
            throw ClientFailure(.badRequest, .unknown, "The body of the request broke off.", closesConnection: true)
        }
        if isOptional, body.bytes.readableBytes == 0 { return JSONBody([:]) }
        var json = try await read(body.bytes, of: borrower)
        json.loans = body.loans
        return json
    }

    /// A large body takes turns with the others of its user.
    private func read(_ bytes: ByteBuffer, of borrower: () -> MemoryBorrower) async throws(ClientFailure) -> JSONBody {
        guard bytes.readableBytes > Admission.largeBody else { return try JSONBody(parsing: bytes.readableBytesView) }
        let owner = borrower()
        let turn: BodyTurn
        do throws(Overloaded) {
            turn = try await services.admission.asleep { () async throws(Overloaded) in
                try await services.admission.turnWithBody(of: owner)
            }
        } catch {
            throw error.failure
        }
        return try await turn.read { () throws(ClientFailure) in try JSONBody(parsing: bytes.readableBytesView) }
    }
}

extension ClientAddress {
    /// Where a request with these headers comes from, past trusted proxies.
    static func of(_ headers: HTTPFields, over channel: any Channel, trusted: [IPNetwork]) -> ClientAddress {
        of(peer: channel.remoteAddress?.ipAddress ?? "", forwardedFor: headers[values: .xForwardedFor], trusted: trusted)
    }
}

extension HTTPField.Name {
    /// The addresses that a request came through, each proxy adding the one before it.
    static let xForwardedFor = known("X-Forwarded-For")
    /// The id of a request, from a proxy and in the answer.
    static let xRequestID = known("X-Request-ID")
    /// [RFC 9745](https://www.rfc-editor.org/rfc/rfc9745).
    static let deprecation = known("Deprecation")
    /// [RFC 8594](https://www.rfc-editor.org/rfc/rfc8594).
    static let sunset = known("Sunset")
    /// [RFC 8288](https://www.rfc-editor.org/rfc/rfc8288).
    static let link = known("Link")

    static func known(_ name: String) -> Self {
        guard let name = Self(name) else { preconditionFailure("\(name) is no name of a header") }
        return name
    }
}

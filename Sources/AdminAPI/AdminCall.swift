import ClientAPI
import HTTPTypes
import HearthServices
import Logging
import MatrixModel

/// One request of an administrator, as an endpoint sees it.
struct AdminCall: Sendable {
    let services: AdminServices
    let path: PathParameters
    let query: QueryParameters
    /// Who asks: an administrator.
    let admin: Requester
    private let call: ClientCall
    private let logger: Logger

    /// - Throws: 401 `M_MISSING_TOKEN` or `M_UNKNOWN_TOKEN`; 403 `M_FORBIDDEN` for everybody who is no administrator.
    init(_ call: ClientCall, services: AdminServices, logger: Logger) throws {
        let requester = try call.requester()
        guard requester.isAdmin else {
            throw ClientFailure(.forbidden, .forbidden, "This is for administrators of this server alone.")
        }
        self.services = services
        self.call = call
        self.logger = logger
        path = call.path
        query = call.query
        admin = requester
    }

    var accounts: AccountService { services.client.accounts }
    var presence: PresenceService { services.client.presence }

    func body(isOptional: Bool = false) async throws -> JSONBody { try await call.body(isOptional: isOptional) }

    /// Puts on record what the administrator did or looked at, and to whom.
    func note(_ sentence: String, about user: UserID? = nil) {
        var metadata: Logger.Metadata = ["admin": "\(admin.user)"]
        if let user { metadata["user"] = "\(user)" }
        logger.info("\(sentence)", metadata: metadata)
    }
}

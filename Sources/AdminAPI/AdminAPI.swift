import ClientAPI

/// What administrators ask of the server over HTTP: how it is doing, its accounts, why somebody is online, registration tokens.
///
/// Not part of Matrix; `docs/admin-api.md` describes it. Errors, bodies and access tokens are as in the client-server API.
public enum AdminAPI {
    static let prefix = "/_hearth/admin/v1/"

    /// All endpoints there are.
    static let endpoints: [any AdminEndpoint.Type] = [
        GetOverview.self, GetUsers.self, GetUser.self, PostDeactivateUser.self, PostResetPassword.self, GetPresenceWhy.self,
        GetRegistrationTokens.self, PostRegistrationToken.self, DeleteRegistrationToken.self,
    ]
}

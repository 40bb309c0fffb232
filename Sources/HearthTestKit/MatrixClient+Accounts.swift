import Foundation
import MatrixModel

extension MatrixClient {
    /// Registers a user and returns a client that is logged in as it.
    public func register(
        _ name: String, password: String = "correct horse battery staple", deviceID: String? = nil
    ) async throws -> MatrixClient {
        var body: JSONObject = ["username": .string(name), "password": .string(password), "auth": ["type": "m.login.dummy"]]
        body["device_id"] = deviceID.map(JSON.string)
        return try loggedIn(by: try await post("/register", .object(body)))
    }

    /// Logs in on another device and returns a client for it.
    public func login(
        _ name: String, password: String = "correct horse battery staple", deviceID: String? = nil
    ) async throws -> MatrixClient {
        var body: JSONObject = [
            "type": "m.login.password", "identifier": ["type": "m.id.user", "user": .string(name)], "password": .string(password),
        ]
        body["device_id"] = deviceID.map(JSON.string)
        return try loggedIn(by: try await post("/login", .object(body)))
    }

    /// The same user's client of another listener of the server.
    public func at(_ url: String) -> MatrixClient { MatrixClient(session: session, headers: headers) { url } }

    /// Logs this device out; its later requests are refused.
    public func logOut() async throws {
        try await post("/logout")
    }

    private func loggedIn(by response: MatrixResponse) throws(UnexpectedResponse) -> MatrixClient {
        let session = Session(
            userID: try response.string("user_id"), deviceID: try response.string("device_id"),
            accessToken: try response.string("access_token"))
        return with(session)
    }
}

extension HearthProcess {
    /// Makes an administrator with the operator's command, and returns a client that is logged in as it.
    public func makeAdmin(_ name: String, password: String = "correct horse battery staple") async throws -> MatrixClient {
        let made = try await run(
            ["user", "add", name, "--admin", "--password-stdin", "--data", dataDirectory.path], input: password + "\n")
        guard made.status == 0 else { throw UnexpectedResponse("no administrator was made: \(made.errors)") }
        return try await client.login(name, password: password)
    }
}

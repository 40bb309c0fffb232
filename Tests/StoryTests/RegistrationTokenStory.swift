import HearthTestKit
import MatrixModel
import Testing

/// Registration that is not open to everybody, over real HTTP and with the operator's command beside the running server.
@Suite("Registration tokens")
struct RegistrationTokenStory {
    @Test("a token that the operator made is good for one account, and without one registration is closed")
    func oneAccount() async throws {
        try await withHearth(settings: ["registration.open": "false"]) { hearth in
            let client = hearth.client
            let body: JSONObject = ["username": "alice", "password": "correct horse"]
            #expect(try await client.post("/register", .object(body), expecting: 403).errorCode == "M_FORBIDDEN")

            let token =
                try await hearth.command(["registration-token", "add", "--uses", "1"])
                .split(separator: "\n").first.map(String.init) ?? ""
            let challenge = try await client.post("/register", .object(body), expecting: 401)
            #expect(challenge["flows"] == [["stages": ["m.login.registration_token"]]])
            #expect(try await isValid(token, client) == true)

            func register(_ name: String, token: String, expecting status: Int) async throws {
                let auth: JSON = [
                    "type": "m.login.registration_token", "token": .string(token), "session": challenge["session"] ?? "",
                ]
                let filled = body.merging(["username": .string(name), "auth": auth])
                _ = try await client.post("/register", .object(filled), expecting: status)
            }
            try await register("alice", token: "wrong", expecting: 401)
            try await register("alice", token: token, expecting: 200)
            #expect(try await isValid(token, client) == false)
            try await register("bob", token: token, expecting: 403)
        }
    }

    private func isValid(_ token: String, _ client: MatrixClient) async throws -> Bool? {
        let path: MatrixPath = "\(raw: "/_matrix/client/v1/register/m.login.registration_token/validity")"
        return try await client.get(path, query: ["token": token])["valid"]?.boolValue
    }
}

import ClientAPI
import HTTPTypes
import HearthServices
import HearthStore
import MatrixModel

/// GET /_hearth/admin/v1/registration_tokens: all of them, used up ones too. Expired ones are deleted after a while.
enum GetRegistrationTokens: AdminEndpoint {
    static let method = HTTPRequest.Method.get
    static let path = "registration_tokens"

    static func answer(_ call: AdminCall) async throws -> ClientAnswer {
        let tokens = try await call.accounts.registrationTokens()
        return ClientAnswer(["registration_tokens": .array(tokens.map { .object($0.json) })])
    }
}

/// POST /_hearth/admin/v1/registration_tokens: makes one.
///
/// Body: `uses_allowed` (any number of accounts where it is missing) and `lifetime_ms` (for ever where it is missing).
enum PostRegistrationToken: AdminEndpoint {
    static let method = HTTPRequest.Method.post
    static let path = "registration_tokens"

    /// A hundred years.
    static let longestLifetime: Int64 = 36_525 * 86_400_000

    static func answer(_ call: AdminCall) async throws -> ClientAnswer {
        let body = try await call.body(isOptional: true)
        let uses = try body.positive("uses_allowed", upTo: 1_000_000_000)
        let lifetime = try body.positive("lifetime_ms", upTo: longestLifetime)
        let token = try await call.accounts.createRegistrationToken(
            uses: uses.map { Int($0) }, lifetime: lifetime.map { .milliseconds($0) })
        call.note("an administrator made a registration token")
        return ClientAnswer(["token": .string(token)])
    }
}

/// DELETE /_hearth/admin/v1/registration_tokens/{token}: makes one void.
enum DeleteRegistrationToken: AdminEndpoint {
    static let method = HTTPRequest.Method.delete
    static let path = "registration_tokens/:token"

    static func answer(_ call: AdminCall) async throws -> ClientAnswer {
        try await call.accounts.removeRegistrationToken(call.path.text("token"))
        call.note("an administrator removed a registration token")
        return .empty
    }
}

extension JSONBody {
    /// A whole number from 1 on; nil where it is missing.
    fileprivate func positive(_ key: String, upTo most: Int64) throws -> Int64? {
        guard let number = try integer(key) else { return nil }
        guard (1...most).contains(number) else {
            throw ClientFailure.invalidParameter("\"\(key)\" is a number from 1 to \(most).")
        }
        return number
    }
}

extension StoredRegistrationToken {
    fileprivate var json: JSONObject {
        var json: JSONObject = ["token": .string(token), "uses_completed": .integer(Int64(usesCompleted))]
        json["uses_allowed"] = usesAllowed.map { .integer(Int64($0)) }
        json["expires_ts"] = expires.map { .integer($0.milliseconds) }
        return json
    }
}

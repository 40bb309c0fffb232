import ClientAPI
import HTTPTypes
import HearthServices
import HearthStore
import MatrixModel
import PresenceCore

/// GET /_hearth/admin/v1/users: the accounts in the order of their ids, page by page.
///
/// Query: `search` (what the id contains), `limit` (100 where it is missing, 1000 at most), `from` (the `next` of the page before).
enum GetUsers: AdminEndpoint {
    static let method = HTTPRequest.Method.get
    static let path = "users"

    static let defaultLimit = 100
    static let highestLimit = 1_000
    /// Of user ids, which are no longer.
    static let longestSearch = 255

    static func answer(_ call: AdminCall) async throws -> ClientAnswer {
        let search = call.query["search"] ?? ""
        let from = call.query["from"] ?? ""
        guard search.utf8.count <= longestSearch, from.utf8.count <= longestSearch else {
            throw ClientFailure.invalidParameter("\"search\" and \"from\" have at most \(longestSearch) bytes.")
        }
        let limit = min(try call.query.number("limit") ?? defaultLimit, highestLimit)
        // One more than asked for tells whether there is a next page.
        let users = try await call.accounts.users(containing: search, after: from, limit: limit + 1)
        let page = users.prefix(limit)
        var json: JSONObject = ["users": .array(page.map { .object(UserJSON.json($0, call: call)) })]
        if users.count > limit { json["next"] = page.last.map { .string($0.userID.rawValue) } }
        return ClientAnswer(json)
    }
}

/// GET /_hearth/admin/v1/users/{userId}: one account and its devices.
enum GetUser: AdminEndpoint {
    static let method = HTTPRequest.Method.get
    static let path = "users/:userID"

    static func answer(_ call: AdminCall) async throws -> ClientAnswer {
        let user = try await call.accounts.listedUser(call.path.user())
        var json = UserJSON.json(user, call: call)
        json["devices"] = .array(try await call.accounts.devices(of: user.userID).map { .object(UserJSON.json($0, call: call)) })
        return ClientAnswer(json)
    }
}

/// POST /_hearth/admin/v1/users/{userId}/deactivate: ends an account for good, as its user could.
enum PostDeactivateUser: AdminEndpoint {
    static let method = HTTPRequest.Method.post
    static let path = "users/:userID/deactivate"

    static func answer(_ call: AdminCall) async throws -> ClientAnswer {
        let user = try call.path.user()
        _ = try await call.body(isOptional: true)
        try await call.accounts.deactivate(user)
        call.note("an administrator deactivated a user", about: user)
        return .empty
    }
}

/// POST /_hearth/admin/v1/users/{userId}/reset_password: a new password for a user who lost theirs.
///
/// Body: `new_password`, and `logout_devices` (true where it is missing).
enum PostResetPassword: AdminEndpoint {
    static let method = HTTPRequest.Method.post
    static let path = "users/:userID/reset_password"

    static func answer(_ call: AdminCall) async throws -> ClientAnswer {
        let user = try call.path.user()
        let body = try await call.body()
        try await call.accounts.resetPassword(
            of: user, to: body.requiredString("new_password"), logsOutDevices: body.bool("logout_devices") ?? true)
        call.note("an administrator set a user's password", about: user)
        return .empty
    }
}

/// Accounts as administrators get them.
enum UserJSON {
    static func json(_ user: ListedUser, call: AdminCall) -> JSONObject {
        let presence = call.presence.effective(of: user.userID)
        var json: JSONObject = [
            "user_id": .string(user.userID.rawValue), "admin": .bool(user.isAdmin), "deactivated": .bool(user.isDeactivated),
            "created_ts": .integer(user.created.milliseconds), "device_count": .integer(Int64(user.deviceCount)),
            "presence": .string(presence.presence.rawValue),
        ]
        json["last_seen_ts"] = call.presence.lastSeen(user.userID, stored: user.lastContact).map { .integer($0.milliseconds) }
        return json
    }

    static func json(_ device: StoredDevice, call: AdminCall) -> JSONObject {
        var json: JSONObject = [
            "device_id": .string(device.key.device.rawValue), "created_ts": .integer(device.createdTS.milliseconds),
        ]
        json["display_name"] = device.displayName.map { .string($0) }
        json["last_seen_ts"] = call.presence.lastSeen(device.key, stored: device.lastContact).map { .integer($0.milliseconds) }
        return json
    }
}

import ClientAPI
import HTTPTypes
import HearthServices
import HearthStore
import MatrixModel
import PresenceCore

/// GET /_hearth/admin/v1/users/{userId}/presence/why: why a user is online, or is not.
///
/// What the user's own view tells, and the last changes with the rule and the device behind each. It tells more of a user than
/// anybody but the user ever sees: that an administrator looked at another user's is put on record.
enum GetPresenceWhy: AdminEndpoint {
    static let method = HTTPRequest.Method.get
    static let path = "users/:userID/presence/why"

    static func answer(_ call: AdminCall) async throws -> ClientAnswer {
        let user = try await call.accounts.listedUser(call.path.user()).userID
        if user != call.admin.user { call.note("an administrator looked at why a user's presence is so", about: user) }
        var names: [DeviceID: String] = [:]
        for device in try await call.accounts.devices(of: user) { names[device.key.device] = device.displayName }
        let explanation = call.presence.explanation(of: user)
        var json = OwnPresence.json(explanation.view, names: names)
        json["user_id"] = .string(user.rawValue)
        json["published"] = explanation.published.map { .string($0.rawValue) } ?? .null
        json["changes"] = .array(explanation.changes.map { .object(self.json($0, names: names)) })
        return ClientAnswer(json)
    }

    private static func json(_ change: PresenceChange, names: [DeviceID: String]) -> JSONObject {
        var json: JSONObject = [
            "ts": .integer(change.time.milliseconds), "previous": .string(change.previous.rawValue),
            "presence": .string(change.presence.rawValue), "reason": .string(change.reason.rawValue),
            "cause": .string(change.cause.rawValue),
        ]
        guard let device = change.device else { return json }
        json["device_id"] = .string(device.rawValue)
        json["display_name"] = names[device].map { .string($0) }
        return json
    }
}

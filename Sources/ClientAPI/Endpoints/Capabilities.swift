import HTTPTypes
import HearthServices
import MatrixModel
import RoomRules

/// GET /_matrix/client/v3/capabilities: what a client may offer its user.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3capabilities).
enum GetCapabilities: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("capabilities")

    static func answer(_ call: ClientCall, by requester: Requester) -> ClientAnswer {
        ClientAnswer([
            "capabilities": [
                "m.room_versions": [
                    "default": .string(call.services.settings.defaultRoomVersion.rawValue),
                    "available": .object(JSONObject(RoomVersion.allCases.map { ($0.rawValue, "stable") })),
                ],
                "m.change_password": ["enabled": true], "m.3pid_changes": ["enabled": false],
                "m.get_login_token": ["enabled": false], "m.profile_fields": ["enabled": true],
                "m.set_displayname": ["enabled": true], "m.set_avatar_url": ["enabled": true],
            ]
        ])
    }
}

import HTTPTypes
import HearthRuntime
import HearthServices
import HearthStore
import MatrixModel

/// GET /_matrix/client/v3/devices: the user's devices.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3devices).
enum GetDevices: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("devices")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let devices = try await call.services.accounts.devices(of: requester.user)
        return ClientAnswer(["devices": .array(devices.map { .object($0.json(call.services.presence)) })])
    }
}

/// GET /_matrix/client/v3/devices/{deviceId}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3devicesdeviceid).
enum GetDevice: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("devices/:deviceID")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let key = DeviceKey(user: requester.user, device: try call.path.device())
        return ClientAnswer(try await call.services.accounts.device(key).json(call.services.presence))
    }
}

/// PUT /_matrix/client/v3/devices/{deviceId}: names a device.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3devicesdeviceid).
enum PutDevice: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = Paths.stable("devices/:deviceID")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.device, by: requester.user)
        let key = DeviceKey(user: requester.user, device: try call.path.device())
        let name = try await call.body().string("display_name")
        try await call.services.accounts.setDisplayName(name, of: key)
        return .empty
    }
}

/// DELETE /_matrix/client/v3/devices/{deviceId}: ends a device; takes the password once more.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3devicesdeviceid).
enum DeleteDevice: UserEndpoint {
    static let method = HTTPRequest.Method.delete
    static let paths = Paths.stable("devices/:deviceID")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.device, by: requester.user)
        let device = try call.path.device()
        let auth = try UIAuth(in: await call.body(isOptional: true))
        try await call.services.accounts.deleteDevices([device], by: requester, auth: auth)
        return .empty
    }
}

/// POST /_matrix/client/v3/delete_devices: ends several devices at once.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3delete_devices).
enum PostDeleteDevices: UserEndpoint {
    private static let mostDevices = 1_000
    static let method = HTTPRequest.Method.post
    static let paths = Paths.stable("delete_devices")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        try call.services.limits.take(.device, by: requester.user)
        let body = try await call.body()
        let named = try body.requiredArray("devices")
        guard named.count <= mostDevices else {
            throw ClientFailure.invalidParameter("\"devices\" names at most \(mostDevices) devices.")
        }
        var devices: [DeviceID] = []
        for value in named {
            guard let text = value.stringValue else { throw ClientFailure.badJSON("\"devices\" is a list of device ids.") }
            guard let device = DeviceID(text) else {
                throw ClientFailure.invalidParameter("\"devices\" holds device ids of 1 to 255 bytes.")
            }
            devices.append(device)
        }
        try await call.services.accounts.deleteDevices(devices, by: requester, auth: try UIAuth(in: body))
        return .empty
    }
}

extension StoredDevice {
    /// All four members, `null` where there is nothing to tell: matrix-nio and what is built on it refuse an answer that lacks one.
    /// There is never a `last_seen_ip`, since no addresses are kept.
    fileprivate func json(_ presence: PresenceService) -> JSONObject {
        let lastSeen = presence.lastSeen(key, stored: lastContact)
        return [
            "device_id": .string(key.device.rawValue), "display_name": displayName.map { .string($0) } ?? .null,
            "last_seen_ip": .null, "last_seen_ts": lastSeen.map { .integer($0.milliseconds) } ?? .null,
        ]
    }
}

import HTTPTypes
import HearthRuntime
import HearthServices
import HearthStore
package import MatrixModel
package import PresenceCore

/// PUT /_matrix/client/v3/presence/{userId}/status: what the user, or the device, chooses to be.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3presenceuseridstatus), with the meaning of
/// [MSC3032](https://github.com/matrix-org/matrix-spec-proposals/pull/3032). `status_msg` is taken while presence is served the old
/// way too.
enum PutPresenceStatus: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = Paths.stable("presence/:userID/status")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        guard try call.path.user() == requester.user else { throw PresenceError.notYours }
        var request = try PresencePutRequest(parsing: await call.body().json)
        if !call.services.legacy.isServed { request.status = .unchanged }
        try call.services.limits.take(.presence, by: requester.user)
        try await call.services.presence.put(request, by: requester.key)
        var answer = ClientAnswer.empty
        if request.status != .unchanged { call.noteLegacyUse(by: requester, in: &answer) }
        return answer
    }
}

/// GET /_matrix/client/v3/presence/{userId}/status: the old way to ask for somebody's presence; for oneself with one's own view.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3presenceuseridstatus). Not served once presence is
/// served through profile rooms alone.
enum GetPresenceStatus: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("presence/:userID/status")

    static func answer(_ call: ClientCall) async throws -> ClientAnswer {
        guard call.services.legacy.isServed else { throw ClientFailure.wrongMethod(served: [PutPresenceStatus.method.rawValue]) }
        return try await answer(call, by: call.requester())
    }

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let user = try call.path.user()
        var content = try call.services.presence.legacyPresence(of: user, for: requester.user).content
        if user == requester.user {
            let own = try await OwnPresence.json(of: user, call: call)
            content = own.merging(content)
        }
        var answer = ClientAnswer(content)
        call.noteLegacyUse(by: requester, in: &answer)
        return answer
    }
}

/// GET /_matrix/client/unstable/io.hearth/presence/{userId}/status: one's own presence, why it is so, and what each device says.
enum GetOwnPresence: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.unstable("io.hearth/presence/:userID/status")

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        ClientAnswer(try await OwnPresence.json(of: call.ownUser(requester), call: call))
    }
}

/// DELETE /_matrix/client/unstable/io.hearth/presence/{userId}/status: ends all choices, or with `device_id` those of that device; counts as
/// no activity.
enum DeleteOwnPresence: UserEndpoint {
    static let method = HTTPRequest.Method.delete
    static let paths = GetOwnPresence.paths

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let user = try call.ownUser(requester)
        try call.services.limits.take(.presence, by: user)
        let device = try call.query["device_id"].map { text throws(ClientFailure) in
            guard let device = DeviceID(text) else { throw .invalidParameter("\"device_id\" is no device's id.") }
            return device
        }
        try await call.services.presence.deleteChoices(of: user, device: device)
        return .empty
    }
}

/// What users are shown of their own presence.
package enum OwnPresence {
    static func json(of user: UserID, call: ClientCall) async throws -> JSONObject {
        let view = call.services.presence.ownView(of: user)
        var names: [DeviceID: String] = [:]
        for device in try await call.services.accounts.devices(of: user) { names[device.key.device] = device.displayName }
        return json(view, names: names)
    }

    package static func json(_ view: OwnView, names: [DeviceID: String]) -> JSONObject {
        [
            "presence": .string(view.effective.presence.rawValue), "io.hearth.reason": .string(view.effective.reason.rawValue),
            "io.hearth.manual": view.inForce.map { .object(json($0, names: names)) } ?? .null,
            "io.hearth.choices": .array(view.choices.map { .object(json($0, names: names)) }),
            "io.hearth.sources": .array(view.sources.map { .object(json($0, name: names[$0.device])) }),
        ]
    }

    private static func json(_ choice: PresenceChoice, names: [DeviceID: String]) -> JSONObject {
        var json: JSONObject = ["presence": .string(choice.presence.rawValue)]
        switch choice.maker {
        case .user: json["by"] = "user"
        case .device: json["by"] = "device"
        case .away: json["by"] = "away"
        }
        if let device = choice.maker.device {
            json["device_id"] = .string(device.rawValue)
            json["display_name"] = names[device].map { .string($0) }
        }
        json["expires_ts"] = choice.expires.map { .integer($0.milliseconds) }
        return json
    }

    private static func json(_ source: OwnView.Source, name: String?) -> JSONObject {
        var json: JSONObject = [
            "device_id": .string(source.device.rawValue), "explicit": .bool(source.isExplicit), "live": .bool(source.isLive),
            "last_contact_ts": .integer(source.lastContact.milliseconds), "pusher": .bool(source.hasWorkingPusher),
        ]
        json["display_name"] = name.map { .string($0) }
        json["presence"] = source.presence.map { .string($0.rawValue) }
        return json
    }
}

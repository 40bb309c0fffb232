public import MatrixModel

/// One event on its way to a push gateway, with what the gateway is told beside it.
///
/// [POST /_matrix/push/v1/notify](https://spec.matrix.org/v1.16/push-gateway-api/#post_matrixpushv1notify)
public struct PushNotification: Sendable {
    public let event: PersistedEvent
    public let verdict: PushVerdict
    public let user: UserID
    /// The sender's name in the room, the room's own name and alias; nil where there is none.
    public var senderName: String?
    public var roomName: String?
    public var roomAlias: String?
    /// How many unread notifications the user has in all rooms.
    public var unread: Int

    public init(
        event: PersistedEvent, verdict: PushVerdict, user: UserID, senderName: String?, roomName: String?, roomAlias: String?,
        unread: Int
    ) {
        (self.event, self.verdict, self.user) = (event, verdict, user)
        (self.senderName, self.roomName, self.roomAlias, self.unread) = (senderName, roomName, roomAlias, unread)
    }

    /// High for what is loud or addressed to the user, and for what the server cannot read; the device may take its time with the rest.
    var isUrgent: Bool { verdict.highlights || verdict.sound != nil || event.type == .encrypted }

    /// The body of the request. In the format `event_id_only` the gateway learns which event it is, and nothing of what it says.
    public func body(for device: PushDevice) -> JSONObject {
        var json: JSONObject = [
            "event_id": .string(event.eventID.rawValue), "room_id": .string(event.roomID.rawValue),
            "prio": isUrgent ? "high" : "low",
        ]
        if unread > 0 { json["counts"] = ["unread": .integer(Int64(unread))] }
        if device.wantsIDOnly {
            json["devices"] = [.object(device.json(tweaks: nil))]
            return ["notification": .object(json)]
        }
        json["devices"] = [.object(device.json(tweaks: verdict.tweaks))]
        json["type"] = .string(event.type.rawValue)
        json["sender"] = .string(event.sender.rawValue)
        json["content"] = .object(event.content)
        json["sender_display_name"] = senderName.map { .string($0) }
        json["room_name"] = roomName.map { .string($0) }
        json["room_alias"] = roomAlias.map { .string($0) }
        if event.type == .member { json["user_is_target"] = .bool(event.stateKey?.hasSameBytes(as: user.rawValue) ?? false) }
        return ["notification": .object(json)]
    }
}

/// The device that a gateway is to notify, as its pusher was set.
public struct PushDevice: Sendable {
    let appID: String
    let pushkey: String
    let set: MatrixTimestamp
    let data: JSONObject

    public init(appID: String, pushkey: String, set: MatrixTimestamp, data: JSONObject) {
        (self.appID, self.pushkey, self.set, self.data) = (appID, pushkey, set, data)
    }

    var wantsIDOnly: Bool { data["format"] == "event_id_only" }

    /// All of `data` but the gateway's own URL goes to the gateway.
    func json(tweaks: JSONObject?) -> JSONObject {
        var data = data
        data["url"] = nil
        var json: JSONObject = [
            "app_id": .string(appID), "pushkey": .string(pushkey), "pushkey_ts": .integer(set.milliseconds / 1000),
            "data": .object(data),
        ]
        if let tweaks, !tweaks.isEmpty { json["tweaks"] = .object(tweaks) }
        return json
    }
}

/// What a gateway answered.
public enum GatewayVerdict: Sendable, Equatable {
    case delivered
    /// The gateway does not know the key (any more): the pusher is to be removed.
    case rejected
    /// To be tried again.
    case failed

    /// Any success with a JSON object counts as delivered; a notification that is sent twice is worse than a sloppy gateway.
    public init(status: Int, body: [UInt8], pushkey: String) {
        guard (200..<300).contains(status) else {
            self = .failed
            return
        }
        let json: JSONObject?
        do throws(JSONParseError) {
            json = try JSON(parsing: body, options: JSONParseOptions(allowsAnyNumber: true, allowsNUL: true)).objectValue
        } catch {
            json = nil
        }
        guard let json else {
            self = .failed
            return
        }
        let rejected = json["rejected"]?.arrayValue?.compactMap(\.stringValue) ?? []
        self = rejected.contains { $0.hasSameBytes(as: pushkey) } ? .rejected : .delivered
    }
}

public import MatrixModel
public import PresenceCore

/// What a request says of the status text; absent, null and a text are three things.
public enum StatusUpdate: Sendable, Equatable {
    case unchanged
    case clear
    case set(String)
}

/// The body of [PUT presence](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3presenceuseridstatus), with MSC3032's
/// meaning (what a user chooses) and Hearth's additions.
public struct PresencePutRequest: Sendable, Equatable {
    public var presence: Presence
    public var status: StatusUpdate
    public var expires: MatrixTimestamp?
    /// `io.hearth.manual`: the user chose this by hand, also where clients otherwise set it on their own.
    public var isManual: Bool
    /// Whether there is a `status_msg` at all, also where it is not served.
    public var hasStatus: Bool

    public init(presence: Presence, status: StatusUpdate, expires: MatrixTimestamp?, isManual: Bool) {
        hasStatus = status != .unchanged
        self.presence = presence
        self.status = status
        self.expires = expires
        self.isManual = isManual
    }

    /// - Throws: ``PresenceError``.
    public init(parsing body: JSONObject) throws(PresenceError) {
        guard let presence = body["presence"] else { throw .missing("presence") }
        guard let word = presence.stringValue else { throw .malformed("\"presence\" is a string.") }
        guard let value = Presence(wire: word) else { throw .unknownPresence }
        self.presence = value
        status = try Self.status(body["status_msg"])
        hasStatus = body["status_msg"] != nil
        expires = nil
        if let expires = body["io.hearth.expires_ts"], !expires.isNull {
            guard let time = expires.integerValue else { throw .malformed("\"io.hearth.expires_ts\" is a time in milliseconds.") }
            self.expires = MatrixTimestamp(milliseconds: time)
        }
        isManual = false
        if let manual = body["io.hearth.manual"], !manual.isNull {
            guard let flag = manual.boolValue else { throw .malformed("\"io.hearth.manual\" is true or false.") }
            isManual = flag
        }
    }

    private static func status(_ value: JSON?) throws(PresenceError) -> StatusUpdate {
        switch value {
        case nil: return .unchanged
        case .null?: return .clear
        case .string(let text)?: return text.isEmpty ? .clear : .set(text)
        default: throw .malformed("\"status_msg\" is a string.")
        }
    }
}

/// Why a presence request cannot be done.
public enum PresenceError: Error, Equatable {
    /// 400 `M_MISSING_PARAM`.
    case missing(String)
    /// 400 `M_BAD_JSON`.
    case malformed(String)
    /// 400 `M_INVALID_PARAM`.
    case unknownPresence
    /// 400 `M_INVALID_PARAM`.
    case expiryInThePast
    /// 404 `M_NOT_FOUND`: the device has chosen nothing.
    case noChoice
    /// 401 `M_UNKNOWN_TOKEN`: the device was logged out meanwhile.
    case loggedOut
    /// 403 `M_FORBIDDEN`: another user's presence is theirs to set.
    case notYours
    /// 403 `M_FORBIDDEN`: no such user, or not for this one to see: the answer does not tell which.
    case notVisible
}

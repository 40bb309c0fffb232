public import MatrixModel

/// The `auth` member of a request:
/// [user-interactive authentication](https://spec.matrix.org/v1.16/client-server-api/#user-interactive-authentication-api).
public struct UIAuth: Sendable {
    public var session: String?
    /// Nil (no `type`) asks whether what the session has completed is enough.
    public var attempt: Attempt?

    public init(session: String? = nil, attempt: Attempt? = nil) {
        self.session = session
        self.attempt = attempt
    }

    /// One stage with its credentials.
    public enum Attempt: Sendable {
        case dummy
        case registrationToken(String)
        /// `user` is a user id or a localpart.
        case password(user: String, password: String)
        /// A type that Hearth does not know.
        case other(type: String)

        var stage: UIAStage? {
            switch self {
            case .dummy: .dummy
            case .registrationToken: .registrationToken
            case .password: .password
            case .other: nil
            }
        }
    }
}

/// A stage that Hearth asks for. Each of its flows has one.
public enum UIAStage: String, Sendable, Hashable {
    case dummy = "m.login.dummy"
    case registrationToken = "m.login.registration_token"
    case password = "m.login.password"
}

/// What a request is answered with that has not authenticated itself far enough (401).
public struct UIAChallenge: Sendable, Equatable {
    public let flows: [[UIAStage]]
    public let session: String
    public let completed: [UIAStage]
    /// Why the attempt in the request failed; nil when there was none.
    public let failure: Failure?

    public struct Failure: Sendable, Equatable {
        public let code: ErrorCode
        public let sentence: String
    }

    /// The body of the response.
    public var json: JSONObject {
        var body: JSONObject = [
            "flows": .array(flows.map { ["stages": .array($0.map { .string($0.rawValue) })] }), "params": [:],
            "session": .string(session),
        ]
        if failure != nil || !completed.isEmpty { body["completed"] = .array(completed.map { .string($0.rawValue) }) }
        if let failure {
            body["errcode"] = .string(failure.code.rawValue)
            body["error"] = .string(failure.sentence)
        }
        return body
    }
}

import HTTPTypes
import HearthRuntime
import HearthServices
import MatrixModel
import PushCore

/// GET /_matrix/client/v3/pushrules/: all push rules of the requester.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3pushrules).
enum GetPushRules: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("pushrules")

    static func answer(_ call: ClientCall, by requester: Requester) -> ClientAnswer {
        ClientAnswer(call.services.push.rules.rules(of: requester.user).json(for: requester.user))
    }
}

/// GET /_matrix/client/v3/pushrules/global/
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3pushrulesglobal).
enum GetGlobalPushRules: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("pushrules/global")

    static func answer(_ call: ClientCall, by requester: Requester) -> ClientAnswer {
        ClientAnswer(call.services.push.rules.rules(of: requester.user).globalJSON(for: requester.user))
    }
}

/// GET /_matrix/client/v3/pushrules/global/{kind}: the rules of one kind, as older versions of the spec have it.
///
/// [Push rules](https://spec.matrix.org/v1.16/client-server-api/#push-rules).
enum GetPushRulesOfKind: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("pushrules/global/:kind")

    static func answer(_ call: ClientCall, by requester: Requester) throws -> ClientAnswer {
        let rules = call.services.push.rules.rules(of: requester.user)
        let ofKind = rules[try call.path.pushRuleKind()]
        return ClientAnswer(bytes: JSON.array(ofKind.map { .object($0.json(for: requester.user)) }).bytes)
    }
}

/// GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3pushrulesglobalkindruleid).
enum GetPushRule: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("pushrules/global/:kind/:ruleID")

    static func answer(_ call: ClientCall, by requester: Requester) throws -> ClientAnswer {
        ClientAnswer(try call.pushRule(of: requester.user).json(for: requester.user))
    }
}

/// PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}: makes or changes a rule of the user's own.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3pushrulesglobalkindruleid). Where both `before` and `after`
/// are given, `before` counts.
enum PutPushRule: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = GetPushRule.paths

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (kind, id) = (try call.path.pushRuleKind(), call.path.text("ruleID"))
        let body = try await call.body().json
        let place: PushRuleset.Place =
            if let id = call.query["before"] { .before(id) } else if let id = call.query["after"] { .after(id) } else { .unsaid }
        try call.services.limits.take(.accountData, by: requester.user)
        try await call.services.push.rules.change(of: requester.user) { rules throws(PushRuleError) in
            try rules.set(id, of: kind, to: body, at: place)
        }
        return .empty
    }
}

/// DELETE /_matrix/client/v3/pushrules/global/{kind}/{ruleId}
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#delete_matrixclientv3pushrulesglobalkindruleid).
enum DeletePushRule: UserEndpoint {
    static let method = HTTPRequest.Method.delete
    static let paths = GetPushRule.paths

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (kind, id) = (try call.path.pushRuleKind(), call.path.text("ruleID"))
        try call.services.limits.take(.accountData, by: requester.user)
        try await call.services.push.rules.change(of: requester.user) { rules throws(PushRuleError) in
            try rules.delete(id, of: kind)
        }
        return .empty
    }
}

/// GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3pushrulesglobalkindruleidenabled).
enum GetPushRuleEnabled: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("pushrules/global/:kind/:ruleID/enabled")

    static func answer(_ call: ClientCall, by requester: Requester) throws -> ClientAnswer {
        ClientAnswer(["enabled": .bool(try call.pushRule(of: requester.user).isEnabled)])
    }
}

/// PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3pushrulesglobalkindruleidenabled).
enum PutPushRuleEnabled: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = GetPushRuleEnabled.paths

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (kind, id) = (try call.path.pushRuleKind(), call.path.text("ruleID"))
        guard let isEnabled = try await call.body().bool("enabled") else { throw ClientFailure.missingParameter("enabled") }
        try call.services.limits.take(.accountData, by: requester.user)
        try await call.services.push.rules.change(of: requester.user) { rules throws(PushRuleError) in
            try rules.setEnabled(isEnabled, id, of: kind)
        }
        return .empty
    }
}

/// GET /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3pushrulesglobalkindruleidactions).
enum GetPushRuleActions: UserEndpoint {
    static let method = HTTPRequest.Method.get
    static let paths = Paths.stable("pushrules/global/:kind/:ruleID/actions")

    static func answer(_ call: ClientCall, by requester: Requester) throws -> ClientAnswer {
        ClientAnswer(["actions": .array(try call.pushRule(of: requester.user).actions)])
    }
}

/// PUT /_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3pushrulesglobalkindruleidactions).
enum PutPushRuleActions: UserEndpoint {
    static let method = HTTPRequest.Method.put
    static let paths = GetPushRuleActions.paths

    static func answer(_ call: ClientCall, by requester: Requester) async throws -> ClientAnswer {
        let (kind, id) = (try call.path.pushRuleKind(), call.path.text("ruleID"))
        let body = try await call.body().json
        try call.services.limits.take(.accountData, by: requester.user)
        try await call.services.push.rules.change(of: requester.user) { rules throws(PushRuleError) in
            try rules.setActions(in: body, id, of: kind)
        }
        return .empty
    }
}

extension PathParameters {
    fileprivate func pushRuleKind() throws(ClientFailure) -> PushRuleKind {
        guard let kind = PushRuleKind(rawValue: text("kind")) else {
            throw .invalidParameter("A kind of push rules is override, content, room, sender or underride.")
        }
        return kind
    }
}

extension ClientCall {
    /// The rule that the path names.
    fileprivate func pushRule(of user: UserID) throws -> PushRule {
        let kind = try path.pushRuleKind()
        guard let rule = services.push.rules.rules(of: user).rule(path.text("ruleID"), of: kind) else {
            throw PushRuleError.unknownRule
        }
        return rule
    }
}

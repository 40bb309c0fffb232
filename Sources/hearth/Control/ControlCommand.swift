import HearthServices
import MatrixModel

/// What a command-line tool asks of a running server: one line of JSON there, one line of JSON back, over `DATA/hearth.sock`.
///
/// `{"command":"create_user","localpart":"alice","password":"...","admin":false}` is answered with
/// `{"ok":true,"result":"@alice:example.org"}` or `{"ok":false,"error":"a sentence"}`.
enum ControlCommand: Equatable {
    case createUser(localpart: String, password: String, isAdmin: Bool)
    case createRegistrationToken(uses: Int?, lifetime: Duration?)

    var json: JSONObject {
        switch self {
        case .createUser(let localpart, let password, let isAdmin):
            [
                "command": "create_user", "localpart": .string(localpart), "password": .string(password),
                "admin": .bool(isAdmin),
            ]
        case .createRegistrationToken(let uses, let lifetime):
            [
                "command": "create_registration_token", "uses": uses.map { .integer(Int64($0)) } ?? .null,
                "lifetime_ms": lifetime.map { .integer($0.wholeMilliseconds) } ?? .null,
            ]
        }
    }

    init(line: [UInt8]) throws(CommandFailure) {
        let parsed: JSON
        do throws(JSONParseError) {
            parsed = try JSON(parsing: line, options: .clientRequest)
        } catch {
            throw CommandFailure("a command must be one line of JSON")
        }
        let unknown = CommandFailure("this server does not know the command; use the tools of its own version")
        guard let object = parsed.objectValue else { throw unknown }
        switch object["command"]?.stringValue {
        case "create_user"?:
            guard let localpart = object["localpart"]?.stringValue, let password = object["password"]?.stringValue,
                let isAdmin = object["admin"]?.boolValue
            else { throw unknown }
            self = .createUser(localpart: localpart, password: password, isAdmin: isAdmin)
        case "create_registration_token"?:
            self = .createRegistrationToken(
                uses: object["uses"]?.integerValue.map { Int($0) },
                lifetime: object["lifetime_ms"]?.integerValue.map { .milliseconds($0) })
        default: throw unknown
        }
    }

    /// Does what the command says; returns what to print.
    func run(with accounts: AccountService) async throws(AccountError) -> String {
        switch self {
        case .createUser(let localpart, let password, let isAdmin):
            try await accounts.createUser(localpart: localpart, password: password, isAdmin: isAdmin).rawValue
        case .createRegistrationToken(let uses, let lifetime):
            try await accounts.createRegistrationToken(uses: uses, lifetime: lifetime)
        }
    }
}

/// The answer to a ``ControlCommand``.
enum ControlAnswer: Equatable {
    /// What to print.
    case done(String)
    case failed(String)

    var json: JSONObject {
        switch self {
        case .done(let text): ["ok": true, "result": .string(text)]
        case .failed(let sentence): ["ok": false, "error": .string(sentence)]
        }
    }

    init(line: [UInt8]) throws(CommandFailure) {
        let object: JSONObject?
        do throws(JSONParseError) {
            object = try JSON(parsing: line, options: .clientRequest).objectValue
        } catch {
            throw CommandFailure("the server's answer is not JSON")
        }
        if object?["ok"]?.boolValue == true, let text = object?["result"]?.stringValue {
            self = .done(text)
        } else {
            self = .failed(object?["error"]?.stringValue ?? "the server's answer is not understood")
        }
    }
}

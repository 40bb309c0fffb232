import HearthServices
import MatrixModel

/// What a command-line tool asks of a running server: one line of JSON there, one line of JSON back, over `DATA/hearth.sock`.
///
/// `{"command":"create_user","localpart":"alice","password":"...","admin":false}` is answered with
/// `{"ok":true,"user_id":"@alice:example.org"}` or `{"ok":false,"error":"a sentence"}`.
enum ControlCommand: Equatable {
    case createUser(localpart: String, password: String, isAdmin: Bool)

    var json: JSONObject {
        switch self {
        case .createUser(let localpart, let password, let isAdmin):
            [
                "command": "create_user", "localpart": .string(localpart), "password": .string(password),
                "admin": .bool(isAdmin),
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
        guard let object = parsed.objectValue, object["command"]?.stringValue == "create_user",
            let localpart = object["localpart"]?.stringValue, let password = object["password"]?.stringValue,
            let isAdmin = object["admin"]?.boolValue
        else { throw CommandFailure("this server does not know the command; use the tools of its own version") }
        self = .createUser(localpart: localpart, password: password, isAdmin: isAdmin)
    }

    /// Does what the command says; returns what to print.
    func run(with accounts: AccountService) async throws(AccountError) -> String {
        switch self {
        case .createUser(let localpart, let password, let isAdmin):
            try await accounts.createUser(localpart: localpart, password: password, isAdmin: isAdmin).rawValue
        }
    }
}

/// The answer to a ``ControlCommand``.
enum ControlAnswer: Equatable {
    case done(userID: String)
    case failed(String)

    var json: JSONObject {
        switch self {
        case .done(let userID): ["ok": true, "user_id": .string(userID)]
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
        if object?["ok"]?.boolValue == true, let userID = object?["user_id"]?.stringValue {
            self = .done(userID: userID)
        } else {
            self = .failed(object?["error"]?.stringValue ?? "the server's answer is not understood")
        }
    }
}

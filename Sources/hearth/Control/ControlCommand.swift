import HearthServices
import HearthSettings
import HearthStore
import MatrixModel

/// What a command-line tool asks of a running server: one line of JSON there, one line of JSON back, over `DATA/hearth.sock`.
///
/// `{"command":"create_user","localpart":"alice","password":"...","admin":false}` is answered with
/// `{"ok":true,"result":"@alice:example.org"}` or `{"ok":false,"error":"a sentence"}`.
enum ControlCommand: Equatable {
    case createUser(localpart: String, password: String, isAdmin: Bool)
    case deactivateUser(UserID)
    case resetPassword(UserID, password: String, logsOutDevices: Bool)
    case createRegistrationToken(uses: Int?, lifetime: Duration?)
    case removeRegistrationToken(String)

    var json: JSONObject {
        switch self {
        case .createUser(let localpart, let password, let isAdmin):
            [
                "command": "create_user", "localpart": .string(localpart), "password": .string(password),
                "admin": .bool(isAdmin),
            ]
        case .deactivateUser(let user): ["command": "deactivate_user", "user_id": .string(user.rawValue)]
        case .resetPassword(let user, let password, let logsOutDevices):
            [
                "command": "reset_password", "user_id": .string(user.rawValue), "password": .string(password),
                "logout_devices": .bool(logsOutDevices),
            ]
        case .removeRegistrationToken(let token): ["command": "remove_registration_token", "token": .string(token)]
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
        case "deactivate_user"?:
            guard let user = object["user_id"]?.stringValue.flatMap({ UserID($0) }) else { throw unknown }
            self = .deactivateUser(user)
        case "reset_password"?:
            guard let user = object["user_id"]?.stringValue.flatMap({ UserID($0) }),
                let password = object["password"]?.stringValue, let logsOutDevices = object["logout_devices"]?.boolValue
            else { throw unknown }
            self = .resetPassword(user, password: password, logsOutDevices: logsOutDevices)
        case "remove_registration_token"?:
            guard let token = object["token"]?.stringValue else { throw unknown }
            self = .removeRegistrationToken(token)
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
            return try await accounts.createUser(localpart: localpart, password: password, isAdmin: isAdmin).rawValue
        case .deactivateUser(let user):
            try await accounts.deactivate(user)
            return "\(user) is deactivated"
        case .resetPassword(let user, let password, let logsOutDevices):
            try await accounts.resetPassword(of: user, to: password, logsOutDevices: logsOutDevices)
            return logsOutDevices ? "\(user) has a new password and is logged out everywhere" : "\(user) has a new password"
        case .createRegistrationToken(let uses, let lifetime):
            return try await accounts.createRegistrationToken(uses: uses, lifetime: lifetime)
        case .removeRegistrationToken(let token):
            try await accounts.removeRegistrationToken(token)
            return "the token is void"
        }
    }

    /// Does it through the server that runs on the data directory, or in the database itself where none does; returns what to print.
    func runWhereItCan(settings: HearthSettings) async throws -> String {
        let directory = settings.data.directory
        do {
            let name = try StoreReader(directory: directory).serverName()
            return try await OfflineServer.run(self, settings: settings, serverName: name)
        } catch StoreError.locked {
            return try await CommandClient.send(self, to: CommandSocket.path(in: directory))
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

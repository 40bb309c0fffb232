import Foundation
import HearthClient
import HearthRuntime
import HearthServices
import MatrixModel

/// Whom the commands for people speak for: what `hearth login` kept, or `HEARTH_URL` and `HEARTH_TOKEN`.
enum Session {
    /// - Throws: a sentence when nobody is logged in, ``ConnectionError`` when a token from the environment is not valid.
    static func open() async throws -> Credentials {
        let environment = ProcessInfo.processInfo.environment
        let named = try environment["HEARTH_URL"].map { text in
            guard let url = ServerURL(text) else { throw CommandFailure("HEARTH_URL is no server's address: \(text)") }
            return url
        }
        if let token = environment["HEARTH_TOKEN"] {
            guard let url = try named ?? CredentialFile(environment: environment).read()?.url else {
                throw CommandFailure("HEARTH_TOKEN is set, but not to which server it belongs; set HEARTH_URL too")
            }
            return try await MatrixConnection(url: url, token: token).whoAmI()
        }
        guard let stored = try CredentialFile(environment: environment).read() else {
            throw CommandFailure("nobody is logged in; use `hearth login https://your.server`")
        }
        // A token goes to no other server than the one that made it.
        if let named, named != stored.url {
            throw CommandFailure(
                "HEARTH_URL is \(named), but the login is at \(stored.url); set HEARTH_TOKEN too, or log in there")
        }
        return stored
    }
}

extension Credentials {
    /// The people of these names: user ids, or local parts of users on one's own server; without names, everybody with whom one
    /// shares a room.
    func people(named names: [String]) async throws -> [UserID] {
        if names.isEmpty { return try await connection.housemates(of: user) }
        var people: [UserID] = []
        for name in names {
            guard let user = UserID(name) ?? UserID(localpart: name, server: user.server) else {
                throw CommandFailure("\"\(SafeText.neutralised(name))\" is no user; write @name:server, or the name alone")
            }
            if !people.contains(user) { people.append(user) }
        }
        return people
    }
}

/// The machine's clock and zone.
enum SystemTime {
    static func now() -> MatrixTimestamp { SystemClock().now().wall }

    static let clock = LocalClock { time in
        var seconds = time_t(time.milliseconds / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return Int(parts.tm_gmtoff)
    }
}

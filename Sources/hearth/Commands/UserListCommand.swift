import ArgumentParser
import HearthClient
import HearthStore
import MatrixModel

/// One line an account: id, `admin` or `-`, `active` or `deactivated`, when it was made, how many devices it has, and the last contact
/// of any of them; separated by tabs.
struct UserListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all accounts.",
        discussion: "Columns, separated by tabs: user id, admin, active or deactivated, made at, number of devices, last contact."
    )

    @OptionGroup var options: SettingsOptions

    private static let page = 1000

    func run() throws {
        let reader = try options.openReader()
        var last = ""
        while true {
            let users = try reader.readNow { try $0.users.list(containing: "", after: last, limit: Self.page) }
            for user in users {
                StandardStreams.print(
                    [
                        user.userID.rawValue, user.isAdmin ? "admin" : "-", user.isDeactivated ? "deactivated" : "active",
                        OperatorText.time(user.created), String(user.deviceCount),
                        user.lastContact.map(OperatorText.time) ?? "-",
                    ].joined(separator: "\t"))
            }
            guard let end = users.last, users.count == Self.page else { return }
            last = end.userID.rawValue
        }
    }
}

/// Words of the operator's commands.
enum OperatorText {
    /// A time as both people and programs read it: `2026-11-25 14:30:00Z`.
    static func time(_ time: MatrixTimestamp) -> String {
        let civil = LocalClock.utc.civil(time)
        let second = civil.second < 10 ? "0\(civil.second)" : "\(civil.second)"
        return "\(civil.dateText) \(civil.clockText):\(second)Z"
    }

    /// A user of this server, by id or by name alone.
    static func user(_ name: String, on server: ServerName) throws(CommandFailure) -> UserID {
        guard let user = name.hasPrefix("@") ? UserID(name) : UserID(localpart: name, server: server) else {
            throw CommandFailure("\"\(SafeText.neutralised(name))\" is no user name")
        }
        guard user.server == server else { throw CommandFailure("this server is \(server), not \(user.server)") }
        return user
    }
}

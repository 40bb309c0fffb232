import ArgumentParser
import HearthSettings
import HearthStore
import MatrixModel
import RoomRules

/// Looks into the rooms, beside a running server or without one.
struct RoomCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "room", abstract: "Look into the rooms.",
        subcommands: [RoomListCommand.self, RoomExportCommand.self, RoomKeyCommand.self])
}

extension SettingsOptions {
    func openReader() throws -> StoreReader {
        try StoreReader(directory: HearthSettings(resolving: input()).data.directory)
    }
}

/// One line a room: id, version, owner of a profile room or `-`, number of joined members, name; separated by tabs.
struct RoomListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List all rooms.")

    @OptionGroup var options: SettingsOptions

    func run() throws {
        try options.openReader().readNow { transaction in
            for id in try transaction.rooms.all() {
                guard let room = try transaction.rooms.room(id) else { continue }
                let members = try transaction.memberships.memberships(in: id).count { $0.membership == .join }
                let name = try transaction.state.event(StateKey(.name), in: id)?.content["name"]?.stringValue ?? ""
                let plainName = String(
                    String.UnicodeScalarView(name.unicodeScalars.filter { $0.properties.generalCategory != .control }))
                StandardStreams.print(
                    "\(id)\t\(room.version.rawValue)\t\(room.profileOwner?.rawValue ?? "-")\t\(members)\t\(plainName)")
            }
        }
    }
}

/// Every stored event of a room as other servers get it: one line of canonical JSON each, in stream order.
struct RoomExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "export", abstract: "Print a room's events.")

    @Argument(help: "A room id or an alias.")
    var room: String

    @OptionGroup var options: SettingsOptions

    func run() throws {
        guard let name = RoomIDOrAlias(room) else { throw ValidationError("\"\(room)\" is neither a room id nor an alias.") }
        try options.openReader().readNow { transaction in
            let id: RoomID?
            switch name {
            case .id(let roomID): id = try transaction.rooms.room(roomID).map { _ in roomID }
            case .alias(let alias): id = try transaction.aliases.room(alias)?.roomID
            }
            guard let id else { throw CommandFailure("there is no room \(room) here; \"hearth room list\" shows all") }
            for event in try transaction.events.signed(in: id) { StandardStreams.print(event.json.bytes) }
        }
    }
}

/// The public half of the key that signs this server's events: `ed25519:VERSION BASE64`.
struct RoomKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "key", abstract: "Print the server's public signing key.")

    @OptionGroup var options: SettingsOptions

    func run() throws {
        guard let key = try options.openReader().signingKey() else {
            throw CommandFailure("this server has no signing key yet; start it once")
        }
        StandardStreams.print("\(key.keyID) \(key.publicKeyBase64)")
    }
}

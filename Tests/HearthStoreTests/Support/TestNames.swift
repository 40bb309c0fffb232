import HearthStore
import MatrixModel

/// Names that tests use; times count from the epoch.
enum TestNames {
    static let server = ServerName("alpha.test") ?? { preconditionFailure("a server name") }()
    static let otherServer = ServerName("beta.test") ?? { preconditionFailure("a server name") }()
    static let alice = user("alice")
    static let bob = user("bob")
    static let room = RoomID("!room:alpha.test") ?? { preconditionFailure("a room id") }()
    static let otherRoom = RoomID("!other:alpha.test") ?? { preconditionFailure("a room id") }()

    static let unknownRoom = RoomID("!none:alpha.test") ?? { preconditionFailure("a room id") }()

    static func user(_ name: String) -> UserID {
        UserID(localpart: name, server: server) ?? { preconditionFailure("a user id") }()
    }

    static func device(_ name: String, of user: UserID = alice) -> DeviceKey {
        DeviceKey(user: user, device: DeviceID(name) ?? { preconditionFailure("a device id") }())
    }

    static func event(_ id: String) -> EventID { EventID(id) ?? { preconditionFailure("an event id") }() }

    static func age(_ milliseconds: Int64) -> ServerAge { ServerAge(milliseconds: milliseconds) }

    static func time(_ milliseconds: Int64) -> MatrixTimestamp { MatrixTimestamp(milliseconds: milliseconds) }
}

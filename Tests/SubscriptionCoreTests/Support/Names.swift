import MatrixModel

/// Names that tests use.
enum Names {
    static let alice = user("alice")
    static let bob = user("bob")
    static let carol = user("carol")
    static let dave = user("dave")
    static let den = room("den")
    static let hall = room("hall")
    static let phone = device("PHONE", of: alice)
    static let laptop = device("LAPTOP", of: alice)
    static let bobs = device("BOBS", of: bob)
    static let carols = device("CAROLS", of: carol)
    static let daves = device("DAVES", of: dave)

    /// The reserved user who makes the profile rooms.
    static let hearth = user("_hearth")

    static func user(_ name: String) -> UserID { UserID("@\(name):alpha.test")! }
    static func room(_ name: String) -> RoomID { RoomID("!\(name):alpha.test")! }
    static func device(_ name: String, of user: UserID) -> DeviceKey { DeviceKey(user: user, device: DeviceID(name)!) }
    static func profile(_ user: UserID) -> RoomID { RoomID("!profile-\(user.localpart)")! }
    static func time(_ milliseconds: Int64) -> MatrixTimestamp { MatrixTimestamp(milliseconds: milliseconds) }
}

package import MatrixModel

/// The captured components of a path, decoded, as the types they stand for.
///
/// Everything here throws 400 `M_INVALID_PARAM` for a text of the wrong grammar.
package struct PathParameters: Sendable {
    private let values: [String: String]

    package init(_ values: [String: String]) { self.values = values }

    /// The component as it is. A name that the pattern does not have is a mistake of the program.
    package func text(_ name: String) -> String {
        guard let value = values[name] else { preconditionFailure("no pattern of this endpoint has a component \(name)") }
        return value
    }

    /// Whether the pattern that was matched has this component: for endpoints with several patterns.
    func has(_ name: String) -> Bool { values[name] != nil }

    package func user() throws(ClientFailure) -> UserID {
        guard let user = UserID(text("userID")) else { throw .invalidParameter("The path does not name a user id.") }
        return user
    }

    func room() throws(ClientFailure) -> RoomID {
        guard let room = RoomID(text("roomID")) else { throw .invalidParameter("The path does not name a room id.") }
        return room
    }

    func roomOrAlias() throws(ClientFailure) -> RoomIDOrAlias {
        guard let target = RoomIDOrAlias(text("roomIDOrAlias")) else {
            throw .invalidParameter("The path names neither a room id nor a room alias.")
        }
        return target
    }

    func alias() throws(ClientFailure) -> RoomAlias {
        guard let alias = RoomAlias(text("roomAlias")) else { throw .invalidParameter("The path does not name a room alias.") }
        return alias
    }

    func event() throws(ClientFailure) -> EventID {
        guard let event = EventID(text("eventID")) else { throw .invalidParameter("The path does not name an event id.") }
        return event
    }

    func device() throws(ClientFailure) -> DeviceID {
        guard let device = DeviceID(text("deviceID")) else { throw .invalidParameter("The path does not name a device id.") }
        return device
    }

    func media() throws(ClientFailure) -> MediaURI {
        guard let server = ServerName(text("serverName")), let id = MediaID(text("mediaID")) else {
            throw .invalidParameter("The path names no content: it takes a server name and a media id.")
        }
        return MediaURI(server: server, id: id)
    }

    func eventType(_ name: String = "eventType") throws(ClientFailure) -> EventType {
        let type = text(name)
        guard (1...255).contains(type.utf8.count) else { throw .invalidParameter("An event type has 1 to 255 bytes.") }
        return EventType(type)
    }

    /// The piece of state that the path names; a state key that is left out is empty.
    func state() throws(ClientFailure) -> StateKey {
        StateKey(try eventType(), values["stateKey"] ?? "")
    }

    func transactionID() throws(ClientFailure) -> String {
        let id = text("transactionID")
        guard (1...255).contains(id.utf8.count) else { throw .invalidParameter("A transaction id has 1 to 255 bytes.") }
        return id
    }
}

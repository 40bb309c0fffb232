public import MatrixModel

/// What the server answered: status, body as JSON, headers.
public struct MatrixResponse: Sendable {
    public let status: Int
    /// The body; `null` when it is empty.
    public let json: JSON
    /// Names in lower case, in the order in which they came.
    public let headers: [(name: String, value: String)]

    /// The first header of this name, in any case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name == name.lowercased() }?.value
    }

    /// `errcode` of an error.
    public var errorCode: String? { json["errcode"]?.stringValue }

    public subscript(path: String...) -> JSON? { json.value(at: path) }

    /// A string member of the body that must be there.
    public func string(_ key: String) throws(UnexpectedResponse) -> String {
        guard let value = json[key]?.stringValue else {
            throw UnexpectedResponse("the answer has no string \(key): \(json.text)")
        }
        return value
    }
}

/// An answer other than the test asked for.
public struct UnexpectedResponse: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// The answer to one `/sync`.
public struct SyncResponse: Sendable {
    public let json: JSON
    public let nextBatch: String

    public subscript(path: String...) -> JSON? { json.value(at: path) }

    /// The timeline of a room in `rooms.join`, or in `rooms.peek` or `rooms.leave`.
    public func timeline(of roomID: String, in section: String = "join") -> [JSON] {
        json.events(at: "rooms", section, roomID, "timeline")
    }

    /// The `state` of a room in `rooms.join`, or in `rooms.peek` or `rooms.leave`.
    public func state(of roomID: String, in section: String = "join") -> [JSON] {
        json.events(at: "rooms", section, roomID, "state")
    }

    /// The state and then the timeline of a room that this device peeks into.
    public func peeked(_ roomID: String) -> [JSON] { state(of: roomID, in: "peek") + timeline(of: roomID, in: "peek") }

    /// The content of the user's last legacy presence event in here.
    public func legacyPresence(of userID: String) -> JSON? {
        json.events(at: "presence").last { $0["sender"] == .string(userID) }?["content"]
    }
}

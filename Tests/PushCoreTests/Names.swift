import MatrixModel
import PushCore

/// Names and events that tests use.
enum Names {
    static let alice = user("alice")
    static let bob = user("bob")
    static let carol = user("carol")
    static let den = RoomID("!den:alpha.test")!

    static func user(_ name: String) -> UserID { UserID("@\(name):alpha.test")! }
}

func makeEvent(
    _ type: EventType = .message, key: String? = nil, sender: UserID = Names.bob, _ content: JSONObject = [:]
) -> PushEvent {
    PushEvent(
        PersistedEvent(
            position: StreamPosition(1), roomID: Names.den, eventID: EventID("$1")!, type: type, stateKey: key, sender: sender,
            originServerTS: MatrixTimestamp(milliseconds: 1), isLane: false, transaction: nil, content: content, redacts: nil,
            unsigned: [:]))
}

func makeRoom(members: Int = 3, senderLevel: Int64 = 0, notifications: JSONObject = [:]) -> PushRoom {
    PushRoom(memberCount: members, senderLevel: senderLevel, notificationLevels: notifications)
}

let alice = PushMember(user: Names.alice, displayName: "Alice Liddell")

func makeEvent(_ content: JSONObject, sender: UserID = Names.bob) -> PushEvent { makeEvent(.message, sender: sender, content) }

import MatrixModel
import RoomRules

/// A state event as profile rooms have them, about 660 bytes when signed.
enum SampleEvent {
    static let server = made(ServerName("example.org"))
    static let owner = user(1)
    static let room = made(RoomID("!AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE"))
    static let previous = made(EventID("$AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE"))

    static var draft: DraftEvent {
        DraftEvent(
            roomID: room, type: made(EventType("m.presence")), stateKey: "", sender: owner,
            content: ["presence": "unavailable", "last_active_ts": 1_760_000_000_000],
            originServerTS: MatrixTimestamp(milliseconds: 1_760_000_001_000), depth: 12, prevEvents: [previous],
            authEvents: [previous, previous])
    }

    static func user(_ number: Int) -> UserID { made(UserID(localpart: "user\(number)", server: server)) }

    static func key() throws -> SigningKey { try SigningKey.generate(server: server, version: "a_1") }

    static func made<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("a sample is malformed") }
        return value
    }
}

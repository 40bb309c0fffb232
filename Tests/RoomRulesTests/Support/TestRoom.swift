import MatrixModel

@testable import RoomRules

/// A room on one server whose events follow each other, for tests that need more than one event.
struct TestRoom {
    let version: RoomVersion
    let roomID: RoomID
    let create: SignedEvent
    private(set) var state: [StateKey: SignedEvent]
    private var last: SignedEvent
    private var time: Int64 = 1_700_000_000_000

    init(version: RoomVersion, createContent: JSONObject = [:], creator: UserID = TestRoom.creator) throws {
        self.version = version
        let draft = DraftEvent(
            roomID: version == .v12 ? nil : RoomID("!room:alpha.test"), type: .create, stateKey: "", sender: creator,
            content: createContent, originServerTS: MatrixTimestamp(milliseconds: time), depth: 1, prevEvents: [], authEvents: [])
        create = try draft.signed(by: Self.key, version: version)
        roomID = create.roomID
        state = [.create: create]
        last = create
    }

    static let creator = user("creator")
    static let key: SigningKey = {
        do {
            return try SigningKey(server: server, version: "1", seed: Array(repeating: 7, count: 32))
        } catch {
            preconditionFailure("\(error)")
        }
    }()
    static let server = ServerName("alpha.test") ?? { preconditionFailure("a server name") }()

    static func user(_ name: String, on server: ServerName = TestRoom.server) -> UserID {
        UserID(localpart: name, server: server) ?? { preconditionFailure("a user id") }()
    }

    /// An event that comes next, without its being authorised.
    func event(_ type: EventType, from sender: UserID, key: String? = nil, _ content: JSONObject) throws -> SignedEvent {
        let selected = AuthEventSelection.keys(
            forType: type, stateKey: key, sender: sender, content: content, version: version)
        let draft = DraftEvent(
            roomID: roomID, type: type, stateKey: key, sender: sender, content: content,
            originServerTS: MatrixTimestamp(milliseconds: time + 1), depth: last.depth + 1, prevEvents: [last.id],
            authEvents: selected.compactMap { state[$0]?.id })
        return try draft.signed(by: Self.key, version: version)
    }

    /// Sends an event that the rules have to allow.
    @discardableResult
    mutating func send(_ type: EventType, from sender: UserID, key: String? = nil, _ content: JSONObject) throws -> SignedEvent {
        let event = try event(type, from: sender, key: key, content).authorized(against: state).event
        time += 1
        last = event
        if let identity = event.stateIdentity { state[identity] = event }
        return event
    }

    /// Why the rules refuse an event; nil when they do not.
    func refusal(
        _ type: EventType, from sender: UserID, key: String? = nil, _ content: JSONObject
    ) throws -> AuthRuleViolation? {
        let event = try event(type, from: sender, key: key, content)
        do throws(AuthRuleViolation) {
            _ = try event.authorized(against: state)
            return nil
        } catch {
            return error
        }
    }

    mutating func join(_ user: UserID) throws { try send(.member, from: user, key: user.rawValue, ["membership": "join"]) }
}

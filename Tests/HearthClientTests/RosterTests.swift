import HearthClient
import MatrixModel
import Testing

@Suite("Whom a watcher sees")
struct RosterTests {
    private let alice = UserID(literal: "@alice:home.example")
    private let bob = UserID(literal: "@bob:home.example")
    private let aliceRoom = RoomID(literal: "!alice")
    private let bobRoom = RoomID(literal: "!bob")

    private func roster() -> Roster {
        var roster = Roster()
        roster.watch(alice, in: aliceRoom)
        roster.watch(bob, in: bobRoom)
        return roster
    }

    private func event(_ type: String, by sender: String = "@_hearth:home.example", _ content: JSON) -> JSON {
        ["type": .string(type), "state_key": "", "sender": .string(sender), "content": content]
    }

    private func create(for owner: String, by sender: String = "@_hearth:home.example") -> JSON {
        event("m.room.create", by: sender, ["type": "m.profile", "io.hearth.owner": .string(owner)])
    }

    private func sync(_ room: RoomID, state: [JSON] = [], timeline: [JSON] = []) -> JSON {
        let parts: JSON = ["state": ["events": .array(state)], "timeline": ["events": .array(timeline)]]
        return ["rooms": ["peek": .object([room.rawValue: parts])]]
    }

    @Test("the first state and each change after it show as the person they are of")
    func changes() {
        var roster = roster()
        let first = roster.apply(
            sync(
                aliceRoom,
                state: [
                    create(for: "@alice:home.example"), event("m.profile", by: "@alice:home.example", ["displayname": "Alice"]),
                    event("m.presence", ["presence": "unavailable", "last_active_ts": 5]),
                    event("m.status", by: "@alice:home.example", ["emoji": "☕", "io.hearth.expires_ts": 9]),
                ]))
        let expected = Person(
            userID: alice, displayName: "Alice", presence: .unavailable, lastActive: MatrixTimestamp(milliseconds: 5),
            status: PersonStatus(text: "", emoji: "☕", expires: MatrixTimestamp(milliseconds: 9)))
        #expect(first == Roster.Update(changed: [expected]))

        let busy = sync(aliceRoom, timeline: [event("m.presence", ["presence": "busy"])])
        var afterwards = expected
        afterwards.presence = .busy
        afterwards.lastActive = nil
        #expect(roster.apply(busy) == Roster.Update(changed: [afterwards]))
        #expect(roster.apply(busy) == Roster.Update())
        afterwards.status = nil
        let cleared = sync(aliceRoom, timeline: [event("m.status", by: "@alice:home.example", [:])])
        #expect(roster.apply(cleared) == Roster.Update(changed: [afterwards]))
        #expect(roster.people[bob] == Person(userID: bob))
    }

    @Test("a value of the future counts as away")
    func unknownPresence() {
        var roster = roster()
        _ = roster.apply(
            sync(aliceRoom, state: [create(for: "@alice:home.example"), event("m.presence", ["presence": "dancing"])]))
        #expect(roster.people[alice]?.presence == .unavailable)
    }

    @Test("whoever loses sight knows nothing any more, and a new first state without a lane tells nothing")
    func ended() {
        var roster = roster()
        let state = sync(aliceRoom, state: [create(for: "@alice:home.example"), event("m.presence", ["presence": "online"])])
        _ = roster.apply(state)
        let ended = roster.apply(["rooms": ["leave": .object([aliceRoom.rawValue: [:]])]])
        #expect(ended == Roster.Update(changed: [Person(userID: alice)], ended: [alice]))
        #expect(roster.apply(sync(aliceRoom, state: [create(for: "@alice:home.example")])) == Roster.Update())
        #expect(roster.apply(state).changed.map(\.presence) == [.online])
    }

    @Test("a room that is not the person's own, or not made by the server, shows nothing")
    func impostors() {
        let presence = event("m.presence", ["presence": "online"])
        for state in [
            [create(for: "@bob:home.example"), presence],
            [create(for: "@alice:home.example", by: "@alice:home.example"), presence],
            [presence],
            [create(for: "@alice:home.example"), event("m.presence", by: "@alice:home.example", ["presence": "online"])],
        ] {
            var roster = roster()
            _ = roster.apply(sync(aliceRoom, state: state))
            #expect(roster.people[alice]?.presence == nil)
        }
        var roster = roster()
        #expect(
            roster.apply(sync(RoomID(literal: "!other"), state: [create(for: "@alice:home.example"), presence]))
                == Roster.Update())
    }

    @Test(
        "answers of any shape are taken without a crash",
        arguments: [
            "{}", "[]", "1", #"{"rooms":[]}"#, #"{"rooms":{"peek":{"!alice":3,"x":{}},"leave":4}}"#,
            #"{"rooms":{"peek":{"!alice":{"state":{"events":[1,{},{"type":"m.room.create","state_key":""}]},"timeline":7}}}}"#,
        ])
    func shapes(text: String) throws {
        var roster = roster()
        #expect(roster.apply(try JSON(parsing: Array(text.utf8), options: .clientRequest)).ended.isEmpty)
    }

    @Test("who can be talked to comes first, then by name")
    func order() {
        let people = [
            Person(userID: alice, displayName: "Zoe", presence: .online),
            Person(userID: bob, displayName: "adam", presence: .online),
            Person(userID: UserID(literal: "@c:home.example"), presence: .busy),
            Person(userID: UserID(literal: "@d:home.example")),
            Person(userID: UserID(literal: "@e:home.example"), presence: .offline),
        ]
        #expect(people.shuffled().sortedForPeople().map(\.userID.localpart) == ["bob", "alice", "c", "e", "d"])
    }
}

extension UserID {
    init(literal text: String) {
        guard let user = UserID(text) else { preconditionFailure("\(text) is no user id") }
        self = user
    }
}

extension RoomID {
    init(literal text: String) {
        guard let room = RoomID(text) else { preconditionFailure("\(text) is no room id") }
        self = room
    }
}

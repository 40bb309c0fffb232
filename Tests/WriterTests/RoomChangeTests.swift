import HearthStore
import MatrixModel
import RoomRules
import SubscriptionCore
import Testing

@testable import HearthServices

/// The state of a room and its timeline are told apart: other servers will bring one without the other.
@Suite("Changes of rooms")
struct RoomChangeTests {
    private static let bob = WriterScene.user("bob")

    private static func event(
        _ type: EventType, key: String?, content: JSONObject, in room: RoomID, at position: StreamPosition
    ) throws -> PersistedEvent {
        PersistedEvent(
            position: position, roomID: room, eventID: try #require(EventID("$\(position.rawValue)")), type: type, stateKey: key,
            sender: bob, originServerTS: MatrixTimestamp(milliseconds: 1), isLane: false, transaction: nil, content: content,
            redacts: nil, unsigned: [:])
    }

    @Test("a change of state without an event changes who is in the room and what it is found by, and stands in no timeline")
    func stateAlone() async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            let before = scene.notifier.position
            try scene.writer.performNow { context in
                for (type, key, content) in [
                    (EventType.member, Self.bob.rawValue, ["membership": "join"] as JSONObject),
                    (.name, "", ["name": "The Den"]),
                ] {
                    let position = context.nextPosition()
                    let event = try Self.event(type, key: key, content: content, in: room, at: position)
                    let delta = StateDelta(key: StateKey(type, key), before: nil, after: event)
                    try context.change(
                        RoomChange(room: room, position: position, profileOwner: nil, origin: .remote, state: [delta]))
                }
                try context.transaction.roomDirectory.setPublished(true, room)
            }
            #expect(scene.notifier.ask { $0.isJoined(Self.bob, in: room) })
            #expect(scene.notifier.position > before)
            let found = try scene.store.readNow { store in
                try store.roomDirectory.published(holding: "den", where: { _ in true }).count
            }
            #expect(found == 1)
            #expect(scene.notifier.ask { $0.unreadNotifications(of: Self.bob) } == 0, "nobody is notified")
        }
    }

    @Test("an event without a change of state leaves the members as they are, and stands in the timeline")
    func eventAlone() async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            try scene.writer.performNow { context in
                let position = context.nextPosition()
                let event = try Self.event(
                    .member, key: WriterScene.alice.rawValue, content: ["membership": "leave"], in: room, at: position)
                try context.change(RoomChange(room: room, position: position, profileOwner: nil, origin: .remote, event: event))
            }
            #expect(scene.notifier.ask { $0.isJoined(WriterScene.alice, in: room) })
        }
    }

    @Test("history that is fetched later is news to nobody", arguments: [RoomChange.Origin.backfill, .outlier])
    func notLive(origin: RoomChange.Origin) async throws {
        try await withWriter { scene in
            let room = try scene.makeRoom()
            let told = try scene.writer.performNow { context in
                let before = context.changes.count
                let position = context.nextPosition()
                let event = try Self.event(.message, key: nil, content: ["body": "alice"], in: room, at: position)
                try context.change(RoomChange(room: room, position: position, profileOwner: nil, origin: origin, event: event))
                return context.changes.count - before
            }
            #expect(told == 0)
        }
    }

    @Test("what an event changes is what stood there before, whatever the event says of it")
    func before() async throws {
        let room = try #require(RoomID("!den:alpha.test"))
        let joined = try Self.event(
            .member, key: Self.bob.rawValue, content: ["membership": "join"], in: room, at: StreamPosition(2))
        let key = StateKey.member(Self.bob)
        #expect(StateDelta(key: key, before: nil, after: joined).membershipChange?.to == .join)
        #expect(StateDelta(key: key, before: nil, after: nil).membershipChange?.to == .leave)
        #expect(StateDelta(key: StateKey(.name), before: nil, after: joined).membershipChange == nil)
    }
}

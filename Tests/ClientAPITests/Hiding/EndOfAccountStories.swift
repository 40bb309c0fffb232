import HTTPTypes
import MatrixModel
import TestSupport
import Testing

/// An account ends while its user appears offline: nothing is published, since everybody knows it.
@Suite("An account that ends in hiding")
struct EndOfAccountStories {
    @Test("publishes no further event, and its profile room is 404 from then on")
    func ends() async throws {
        try await EdgeFixture.run(hand: TestClock()) { edge in
            let (alice, bob) = (try await edge.register("alice"), try await edge.register("bob"))
            let client = "/_matrix/client/v3"
            let room = try await edge.makeRoom(bob, #"{"preset":"public_chat"}"#)
            #expect(try await edge.send(.post, "\(client)/rooms/\(room)/join", "{}", token: alice).status == 200)
            let own = try await edge.send(.get, "\(client)/directory/room/%23%40alice%3Ahearth.test", token: bob)
            let profile = try #require(own.json["room_id"]?.stringValue)
            #expect(try await edge.send(.post, "\(client)/peek/\(profile)", "{}", token: bob).status == 200)
            _ = try await edge.send(.get, "\(client)/sync?set_presence=online", token: alice)
            await edge.takeTurns()
            let hide = try await edge.send(
                .put, "\(client)/presence/@alice:hearth.test/status", #"{"presence":"offline"}"#, token: alice)
            #expect(hide.status == 200)
            let before = try await edge.send(.get, "\(client)/sync?set_presence=offline", token: bob)
            #expect(before.description.contains(#""presence":"offline""#))
            let since = try #require(before.json["next_batch"]?.stringValue)

            let end = try await edge.send(
                .post, "\(client)/account/deactivate",
                #"{"auth":{"type":"m.login.password","identifier":{"type":"m.id.user","user":"alice"},"password":"secret"}}"#,
                token: alice)
            #expect(end.status == 200, "\(end)")
            await edge.takeTurns()
            let after = try await edge.send(.get, "\(client)/sync?set_presence=offline&since=\(since)", token: bob)
            let rooms = try #require(try after.json["rooms"]?.objectValue)
            #expect(rooms["leave"]?.objectValue?[profile] != nil)
            #expect(!String(decoding: rooms.bytes, as: UTF8.self).contains(#""type":"m.presence""#))
            // The last that legacy presence says of whom one sees no longer.
            let last: JSON = ["currently_active": false, "presence": "offline"]
            let told = try after.json["presence"]?.objectValue?["events"]?.arrayValue ?? []
            #expect(told.map { $0.objectValue?["content"] } == [last])
            #expect(try await edge.send(.get, "\(client)/rooms/\(profile)/state", token: bob).status == 404)
        }
    }
}

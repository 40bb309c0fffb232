import HTTPTypes
import MatrixModel
import TestSupport
import Testing

@Suite("Typing and hiding")
struct TypingInHidingStories {
    @Test(
        "whoever begins to appear offline is not typing any more, and is seen to type again when they do, also where they never stopped"
    )
    func typesAgain() async throws {
        try await EdgeFixture.run(hand: TestClock()) { edge in
            let (alice, bob) = (try await edge.register("alice"), try await edge.register("bob"))
            let client = "/_matrix/client/v3"
            let room = try await edge.makeRoom(bob, #"{"preset":"public_chat"}"#)
            func ask(_ method: HTTPRequest.Method, _ path: String, _ body: String, by token: String) async throws {
                let answer = try await edge.send(method, "\(client)/\(path)", body, token: token)
                #expect(answer.status == 200, "\(path): \(answer)")
            }
            func type() async throws {
                try await ask(
                    .put, "rooms/\(room)/typing/@alice:hearth.test", #"{"typing":true,"timeout":30000}"#, by: alice)
            }
            func hide(_ presence: String) async throws {
                try await ask(
                    .put, "presence/@alice:hearth.test/status", #"{"presence":"\#(presence)","io.hearth.manual":true}"#, by: alice
                )
            }
            var since = ""
            /// Who is typing, if that is news.
            func typing() async throws -> [JSON]? {
                let answer = try await edge.send(.get, "\(client)/sync?set_presence=offline&since=\(since)", token: bob)
                since = try answer.json["next_batch"]?.stringValue ?? ""
                let part = try answer.json["rooms"]?.objectValue?["join"]?.objectValue?[room]?.objectValue?["ephemeral"]
                let event = part?.objectValue?["events"]?.arrayValue?.first { $0.objectValue?["type"] == "m.typing" }
                return event?.objectValue?["content"]?.objectValue?["user_ids"]?.arrayValue
            }
            try await ask(.post, "rooms/\(room)/join", "{}", by: alice)
            since = try await edge.sync(token: bob)
            try await type()
            #expect(try await typing() == ["@alice:hearth.test"])
            try await hide("offline")
            #expect(try await typing() == [])
            try await type()
            #expect(try await typing() == ["@alice:hearth.test"])
            // Who hides already stops nothing by saying so again.
            try await hide("offline")
            #expect(try await typing() == nil)
        }
    }
}

import Foundation
import HearthTestKit
import MatrixModel
import Testing

@Suite("The demo")
struct DemoStory {
    @Test("a household moves in, its presence changes under the eyes of the demo user, and nothing stays behind")
    func household() async throws {
        let hearth = try HearthProcess()
        defer { hearth.discard() }
        let temporary = hearth.path("tmp")
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        let demo = try hearth.startCommand(
            ["demo", "--listen", "127.0.0.1:0", "--people", "6", "--speed", "1200", "--start", "08:30"],
            environment: ["TMPDIR": temporary])
        try await demo.waitForOutput { $0.contains("Log in      user demo, password demo") }
        let line = try #require(demo.output.split(separator: "\n").first { $0.contains("The board") })
        let address = try #require(line.split(separator: " ").last.map(String.init))
        #expect(address.hasPrefix("http://127.0.0.1:") && address.hasSuffix("/"))

        let you = try await MatrixClient { String(address.dropLast()) }.login("demo", password: "demo")
        let rooms = try await you.get("/joined_rooms")["joined_rooms"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let room = try #require(rooms.first)
        let members = try await you.get("/rooms/\(room)/joined_members")["joined"]?.objectValue
        #expect(members?.count == 7)
        for member in members?.keys.map({ $0 }) ?? [] where member != you.userID { try await you.peekProfile(of: member) }
        let first = try await you.sync(setPresence: "offline")
        _ = try await you.syncUntil(since: first.nextBatch) { response in
            let peeks = response["rooms", "peek"]?.objectValue?.members ?? []
            return peeks.contains { !$0.value.events(at: "timeline").ofType("m.presence").isEmpty }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty == false)

        demo.interrupt()
        #expect(try await demo.end() == 0, "\(demo.errorOutput)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
        #expect(demo.errorOutput.isEmpty, "\(demo.errorOutput)")
    }
}

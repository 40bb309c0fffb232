import Foundation
import MatrixModel
import PresenceCore
import TestSupport
import Testing

@testable import HearthServices

@Suite("m.presence.persistent, as clients write and find it")
struct PersistentPresenceStories {
    private static let (stable, prefixed) = (PersistentPresence.types[0], PersistentPresence.types[1])
    private static let prefix = "org.continuwuity.presence_v2.msc4532."

    private func story(_ body: @escaping (ChoiceServer) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-persistent-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try ChoiceServer(directory: directory)
        try await server.whileRunning {
            try server.sync("D", .explicit(.online))
            await server.settleTurns()
            try await body(server)
        }
    }

    @Test("what is chosen elsewhere stands there from the same commit on, under both names, until it ends")
    func follows() async throws {
        try await story { server in
            func content(_ type: EventType) async throws -> JSONObject {
                try await server.accountData.get(type, room: nil, of: server.alice)
            }
            let end = server.clock.now().wall.advanced(by: .seconds(100))
            try await server.put(.unavailable, by: "B", marked: true, until: end, status: .set("lunch"))
            #expect(try await content(Self.stable) == ["state_override": "idle", "status": ["msg": "lunch"]])
            #expect(
                try await content(Self.prefixed)
                    == JSONObject([
                        ("state_override", .string(Self.prefix + "idle")), (Self.prefix + "status", ["msg": "lunch"] as JSON),
                    ]))
            try await server.put(.busy, by: "P", marked: false)
            #expect(try await content(Self.stable)["state_override"] == "idle", "only the user's choice appears")
            try await server.pass(.seconds(100))
            #expect(try await content(Self.stable) == [:], "the status ends with the choice")
            try await server.put(.offline, by: "B", marked: true, status: .clear)
            #expect(try await content(Self.stable) == ["state_override": "offline"])
            try await server.presence.deleteChoices(of: server.alice)
            #expect(try await content(Self.prefixed) == [:])
        }
    }

    @Test("a write stays as it was written, makes the user's choice and the status, and is told under the other name")
    func writes() async throws {
        try await story { server in
            let written: JSONObject = [
                "state_override": "unavailable", "status": ["msg": "out", "more": [1]], "org.example": ["kept": true],
            ]
            try await server.accountData.set(Self.stable, content: written, room: nil, of: server.alice)
            #expect(try await server.accountData.get(Self.stable, room: nil, of: server.alice) == written)
            let other = try await server.accountData.get(Self.prefixed, room: nil, of: server.alice)
            #expect(other["state_override"]?.stringValue == Self.prefix + "idle")
            #expect(try server.presence.ownView(of: server.alice).inForce?.maker == .user)
            #expect(try server.presence.legacyPresence(of: server.alice, for: server.bob).statusMessage == "out")
            #expect(try server.presence.legacyPresence(of: server.alice, for: server.bob).presence == .unavailable)
        }
    }

    @Test("a text that is too long is refused, and nothing is stored")
    func tooLong() async throws {
        try await story { server in
            let content: JSONObject = ["state_override": "busy", "status": ["msg": .string(String(repeating: "ж", count: 129))]]
            await #expect(throws: RoomError.self) {
                try await server.accountData.set(Self.stable, content: content, room: nil, of: server.alice)
            }
            await #expect(throws: AccountDataError.notFound) {
                _ = try await server.accountData.get(Self.stable, room: nil, of: server.alice)
            }
            let choices = try server.presence.ownView(of: server.alice).choices
            #expect(choices == [])
        }
    }

    @Test("the same value again is no news: not even a new expiry, and no position of the stream more than the write itself")
    func sameAgain() async throws {
        try await story { server in
            try await server.accountData.set(Self.stable, content: ["state_override": "busy"], room: nil, of: server.alice)
            let first = try server.presence.ownView(of: server.alice).inForce
            try await server.pass(.seconds(3600))
            try await server.accountData.set(
                Self.prefixed, content: JSONObject([("state_override", .string(Self.prefix + "busy"))]), room: nil,
                of: server.alice)
            #expect(try server.presence.ownView(of: server.alice).inForce == first)
        }
    }
}

import Foundation
import MatrixModel
import PresenceCore
import Testing

@testable import HearthServices

/// A user who hides, and one whose last device logs out at that moment: others are told the same, at the same time, for an hour.
@Suite("Hiding looks like logging out")
struct HidingStories {
    /// What an outsider was told, with the second at which it was.
    private struct Told: Equatable, CustomStringConvertible {
        let second: Int
        let answers: [[String]]
        var description: String { "\(second) s: \(answers)" }
    }

    private func watch(
        vanishing: @escaping (ChoiceServer) async throws -> Void, then: @escaping (ChoiceServer, Int) async throws -> Void
    ) async throws -> [Told] {
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-hiding-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try ChoiceServer(directory: directory)
        var told: [Told] = []
        try await server.whileRunning {
            try server.sync("D", .explicit(.online))
            try await server.pass(.seconds(20))
            _ = try await server.look()
            try await vanishing(server)
            for second in stride(from: 0, through: 3600, by: 10) {
                await server.settleTurns()
                let answers = try await server.look()
                if answers != [[], []] { told.append(Told(second: second, answers: answers)) }
                try await then(server, second)
                try await server.pass(.seconds(10))
            }
        }
        return told
    }

    @Test("for an hour others are told the same, whatever the hidden one's devices do", arguments: [true, false])
    func anHour(isMarked: Bool) async throws {
        let gone = try await watch(vanishing: { try await $0.logOut("D") }, then: { _, _ in })
        let hidden = try await watch(
            vanishing: { try await $0.put(.offline, by: isMarked ? "B" : "D", marked: isMarked) },
            then: { server, second in
                // Everything that a program does by itself.
                switch second / 10 % 7 {
                case 0: try server.presence.activityHappened(on: server.key("P"))
                case 1: try server.sync("P", .explicit(.online))
                case 2: try await server.put(.unavailable, by: "P", marked: false)
                case 3: try await server.put(.online, by: "P", marked: false)
                case 4: try await server.put(.busy, by: "T", marked: false)
                case 5: try server.stopSync(of: "P")
                default: try server.sync("D", .explicit(second % 20 == 0 ? .busy : .unavailable))
                }
            })
        #expect(gone == [Told(second: 0, answers: [["offline"], ["offline"]])])
        #expect(hidden == gone)
    }
}

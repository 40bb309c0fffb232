import Foundation
import MatrixModel
import PresenceCore
import TestSupport
import Testing

@testable import HearthServices

@Suite("The call that a profile tells of")
struct CallStories {
    private func story(_ body: @escaping (ChoiceServer) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-calls-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try ChoiceServer(directory: directory)
        try await server.whileRunning {
            try server.sync("D", .explicit(.unavailable))
            try server.sync("P", .explicit(.unavailable))
            await server.settleTurns()
            try await server.setCall(["call_joined_ts": 1], by: "P")
            _ = try await server.look()
        }
        try await server.whileRunning { try await body(server) }
    }

    private func shown(_ server: ChoiceServer) throws -> EffectivePresence { try server.presence.effective(of: server.alice) }

    @Test("the server removes the field when its device has been gone for some minutes")
    func deviceGone() async throws {
        try await story { server in
            #expect(try shown(server) == EffectivePresence(presence: .busy, reason: .call))
            try server.stopSync(of: "P")
            try await server.pass(.seconds(299))
            #expect(try await server.call() == [["call_joined_ts": 1], ["call_joined_ts": 1]])
            try await server.pass(.seconds(7))
            #expect(try await server.call() == [nil, nil])
            #expect(try await server.look() == [["unavailable"], ["unavailable"]])
        }
    }

    @Test("the server removes the field with the log-out of its device, and of no other")
    func loggedOut() async throws {
        try await story { server in
            try await server.logOut("T")
            #expect(try await server.call() == [["call_joined_ts": 1], ["call_joined_ts": 1]])
            try await server.logOut("P")
            await server.settleTurns()
            #expect(try await server.call() == [nil, nil])
        }
    }

    @Test(
        "a rich presence goes with the log-out of its device, also where the server is killed right after that",
        arguments: [true, false])
    func richPresence(isKilled: Bool) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-calls-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try ChoiceServer(directory: directory)
        try await server.whileRunning {
            try server.sync("D", .explicit(.online))
            try await server.setRichPresence(["playing": "chess"], by: "P")
            try await server.logOut("T")
            await server.settleTurns()
            #expect(try await server.richPresence() == ["playing": "chess"])
            if isKilled { return try await server.lose("P") }
            try await server.logOut("P")
            await server.settleTurns()
            #expect(try await server.richPresence() == nil)
        }
        try await server.whileRunning {
            try await server.presence.findLeftBehind()
            await server.settleTurns()
            #expect(try await server.richPresence() == nil)
        }
    }

    @Test("who hides on a call hides the call in the same answer, and shows it again with the rest", arguments: [true, false])
    func hidden(byExpiry: Bool) async throws {
        try await story { server in
            let end = byExpiry ? server.clock.now().wall.advanced(by: .seconds(60)) : nil
            try await server.put(.offline, by: "B", marked: true, until: end)
            #expect(try await server.call() == [["call_joined_ts": 1], nil])
            #expect(try await server.look() == [["offline"], ["offline"]])
            if byExpiry { try await server.pass(.seconds(60)) } else { try await server.presence.deleteChoices(of: server.alice) }
            #expect(try await server.call() == [["call_joined_ts": 1], ["call_joined_ts": 1]])
            #expect(try await server.look() == [["busy"], ["busy"]])
        }
    }
}

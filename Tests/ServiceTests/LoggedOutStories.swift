import Foundation
import MatrixModel
import PresenceCore
import Testing

@testable import HearthServices

/// Requests that were authenticated before their device was logged out, and come to their turn after it.
@Suite("What comes from a device that was logged out meanwhile")
struct LoggedOutStories {
    /// Alice's phone was online until it was logged out.
    private func story(_ body: @escaping (ChoiceServer, DeviceKey) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-logged-out-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try ChoiceServer(directory: directory)
        try await server.whileRunning {
            try server.sync("P", .explicit(.online))
            await server.settleTurns()
            try await server.logOut("P")
            try await body(server, try server.key("P"))
            await server.settleTurns()
            let view = try server.presence.ownView(of: server.alice)
            #expect(view.choices == [] && view.sources == [])
            #expect(view.effective == EffectivePresence(presence: .offline, reason: .unreachable))
            #expect(try server.presence.deviceCount == 0, "nor is it kept for its pusher")
        }
    }

    @Test("a put is refused, marked or bare", arguments: Presence.allCases, [true, false])
    func put(presence: Presence, isMarked: Bool) async throws {
        try await story { server, _ in
            await #expect(throws: PresenceError.loggedOut) { try await server.put(presence, by: "P", marked: isMarked) }
        }
    }

    @Test("a sync does not bring the device back, whatever it says", arguments: SyncClaim.all)
    func sync(claim: SyncClaim) async throws {
        try await story { server, phone in
            let contact = try server.presence.syncStarted(phone, claim: claim)
            await server.settleTurns()
            #expect(try server.presence.ownView(of: server.alice).effective.presence == .offline)
            try server.presence.syncEnded(contact)
        }
    }

    @Test("neither does an activity")
    func activity() async throws {
        try await story { server, phone in try server.presence.activityHappened(on: phone) }
    }

    @Test("neither does its pusher, which is gone with it")
    func pusher() async throws {
        try await story { server, phone in try server.presence.pusherChanged(of: phone, isWorking: true) }
    }

    @Test("a call is refused")
    func call() async throws {
        try await story { server, _ in
            await #expect(throws: PresenceError.loggedOut) { try await server.setCall([:], by: "P") }
            let call = try await server.call()
            #expect(call == [nil, nil])
        }
    }
}

extension SyncClaim {
    fileprivate static let all: [SyncClaim] = [
        .silent, .impliedOnline, .explicit(.online), .explicit(.busy), .explicit(.unavailable),
    ]
}

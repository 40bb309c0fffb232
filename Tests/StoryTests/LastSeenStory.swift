import Foundation
import HearthTestKit
import MatrixModel
import Testing

@Suite("When accounts were seen")
struct LastSeenStory {
    private func seen(_ user: MatrixClient, by admin: MatrixClient) async throws -> Int64? {
        let account = try await admin.get("/_hearth/admin/v1/users/\(user.userID)").json
        let devices = account["devices"]?.arrayValue ?? []
        #expect((account["last_seen_ts"] == nil) == (devices.first?["last_seen_ts"] == nil))
        return account["last_seen_ts"]?.integerValue
    }

    @Test("whoever was just in contact was seen, who hides and whoever is connected and says nothing too; nobody else was")
    func seen() async throws {
        try await withHearth { hearth in
            let admin = try await hearth.makeAdmin("admin")
            var people: [MatrixClient] = []
            for name in ["came", "hides", "silent", "never"] { people.append(try await hearth.client.register(name)) }
            _ = try await people[0].sync()
            _ = try await people[1].sync()
            try await people[1].putPresence("offline")
            let since = try await people[2].sync(setPresence: "offline").nextBatch
            let silent = people[2]
            async let held = silent.sync(since: since, timeout: 1_500, setPresence: "offline")
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            let deadline = ContinuousClock.now + .seconds(1)
            while try await seen(silent, by: admin) == nil, ContinuousClock.now < deadline {}
            #expect(try await seen(silent, by: admin) != nil, "who holds a sync is here")
            for person in people.prefix(2) {
                let time = try #require(try await seen(person, by: admin))
                #expect(abs(time - now) < 60_000)
                let device = try await person.get("/devices").json["devices"]?.arrayValue?.first
                #expect(device?["last_seen_ts"]?.integerValue == time)
            }
            #expect(try await seen(people[3], by: admin) == nil)
            _ = try await held
        }
    }
}

import HearthTestKit
import MatrixModel
import Testing

/// Names as long as an event can be, and searches for what is almost in them.
@Suite("Searches through long texts")
struct SearchStory {
    /// Like the long names to its last letter.
    private static func term(_ length: Int) -> JSON { .string(String(repeating: "a", count: length - 1) + "b") }

    @Test("searches for rooms and users with names of 60 kB hold nobody up, and find them by the beginning")
    func longNames() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let bystander = try await Bystander(on: hearth)
            let attacker = try await hearth.client.register("attacker")
            let long = String(repeating: "a", count: 60_000)
            let room = try await attacker.createRoom([
                "visibility": "public", "preset": "public_chat", "name": .string(long),
                // An event says it twice.
                "topic": .string(String(long.prefix(30_000))),
            ])
            var named = [attacker]
            for number in 1...5 { named.append(try await hearth.client.register("attacker\(number)")) }
            for user in named {
                try await user.put("/profile/\(user.userID)/displayname", ["displayname": .string(String(long.prefix(255)))])
                if user.userID != attacker.userID { try await user.join(room) }
            }
            let (statuses, report) = try await bystander.whileEnduring {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for length in [255, 255, 255, 255, 25_000, 50_001] {
                        group.addTask {
                            try await attacker.request(
                                "POST", "/publicRooms", body: ["filter": ["generic_search_term": Self.term(length)]]
                            ).status
                        }
                        group.addTask {
                            try await attacker.request("POST", "/user_directory/search", body: ["search_term": Self.term(length)])
                                .status
                        }
                    }
                    return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
                }
            }
            #expect(statuses == [200: 8, 400: 4])
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")

            try await hearth.restart()
            let path: MatrixPath = "/publicRooms"
            let found = try await attacker.post(path, ["filter": ["generic_search_term": .string("A\(long.prefix(254))")]])
            #expect(found["chunk"]?.arrayValue?.map { $0["name"] } == [.string(long)])
            let users = try await attacker.post("/user_directory/search", ["search_term": .string("\(long.prefix(255))")])
            #expect(users["results"]?.arrayValue?.count == 5)
            let tooLong: JSON = .string(String(repeating: "é", count: 128))
            let refused = try await attacker.post(path, ["filter": ["generic_search_term": tooLong]], expecting: 400)
            #expect(refused.errorCode == "M_INVALID_PARAM")
            let types = JSON.array(Array(repeating: "m.space", count: 101))
            #expect(
                try await attacker.post(path, ["filter": ["room_types": types]], expecting: 400).errorCode == "M_INVALID_PARAM")
        }
    }
}

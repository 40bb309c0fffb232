import HearthTestKit
import MatrixModel
import Testing

/// One user who asks for as much as the database can read, over many connections, and what that leaves for others.
@Suite("Attacks by reading", .serialized)
struct ReadsStory {
    /// Asks for one thing over and over, over many connections; returns how often each status came.
    private static func ask(
        _ path: MatrixPath, as client: MatrixClient, over connections: Int = 32, for time: Duration
    ) async throws -> [Int: Int] {
        try await repeated(over: connections, for: time) { try await client.request("GET", path).status }
    }

    @Test("32 connections of first syncs, of history and of edits that do not count make nobody else wait for a reader")
    func reads() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let bystander = try await Bystander(on: hearth)
            let mallory = try await hearth.client.register("mallory")
            let room = try await mallory.createRoom()
            let message = try await mallory.sendText("original", to: room)
            let padding = JSON.string(String(repeating: "x", count: 20_000))
            // Edits without a new content: none of them stands for the message.
            for _ in 0..<150 {
                let relation: JSON = ["rel_type": "m.replace", "event_id": .string(message)]
                try await mallory.send(
                    "m.room.message", ["msgtype": "m.text", "body": padding, "m.relates_to": relation], to: room)
            }
            for number in 0..<60 {
                try await mallory.setState(
                    "m.room.history_visibility", ["history_visibility": .string(number.isMultiple(of: 2) ? "joined" : "shared")],
                    in: room)
            }
            let paths: [MatrixPath] = [
                "/sync?set_presence=offline", "/rooms/\(room)/messages?dir=b&limit=100", "/rooms/\(room)/event/\(message)",
                "/_matrix/client/v1/rooms/\(room)/relations/\(message)?limit=1&recurse=true",
            ]
            for path in paths {
                let (statuses, report) = try await bystander.whileEnduring {
                    try await Self.ask(path, as: mallory, for: .seconds(2))
                }
                print("\(path): \(statuses); \(report.summary)")
                #expect(Set(statuses.keys).isSubset(of: [200, 429]), "\(path) \(statuses)")
                #expect(report.faults == [], "\(path)")
                #expect(report.p99 < Bystander.patience, "\(path) \(report.summary)")
            }
        }
    }

    @Test("160 connections of one user's dear reads are refused to that user alone")
    func refusals() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let bystander = try await Bystander(on: hearth)
            let mallory = try await hearth.client.register("mallory")
            let room = try await mallory.createRoom()
            let padding = String(repeating: "x", count: 20_000)
            for _ in 0..<100 { try await mallory.sendText(padding, to: room) }
            let (statuses, report) = try await bystander.whileEnduring {
                try await Self.ask("/rooms/\(room)/messages?dir=b&limit=100", as: mallory, over: 160, for: .seconds(4))
            }
            print("160 connections: \(statuses); \(report.summary)")
            #expect(statuses[429, default: 0] > 0, "mallory asked for too little to be refused: \(statuses)")
            #expect(Set(statuses.keys).isSubset(of: [200, 429]))
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
        }
    }

    @Test("invitations from rooms with the largest state are small, and are told all the same")
    func invitations() async throws {
        try await withHearth { hearth in
            let mallory = try await hearth.client.register("mallory")
            let alice = try await hearth.client.register("alice")
            let large = JSON.string(String(repeating: "x", count: 50_000))
            var rooms: [String] = []
            for _ in 0..<5 {
                let room = try await mallory.createRoom(["name": large])
                for (type, key) in [("m.room.topic", "topic"), ("m.room.avatar", "url")] {
                    try await mallory.setState(type, [key: large], in: room)
                }
                try await mallory.post("/rooms/\(room)/invite", ["user_id": .string(alice.userID), "reason": large])
                rooms.append(room)
            }
            let named = try await mallory.createRoom(["name": "den", "invite": [.string(alice.userID)]])
            let sync = try await alice.sync(setPresence: "offline")
            #expect(sync.json.text.utf8.count < 50_000, "\(sync.json.text.utf8.count) bytes")
            #expect(sync["rooms", "invite"]?.objectValue?.keys.sorted() == (rooms + [named]).sorted())
            for room in rooms {
                let own = sync["rooms", "invite", room, "invite_state", "events"]?.arrayValue?.filter {
                    $0["type"] == "m.room.member" && $0["state_key"]?.stringValue == alice.userID
                }
                #expect(own?.map { $0["content", "membership"] } == ["invite"])
                #expect(own?.first?["sender"]?.stringValue == mallory.userID)
            }
            let state = sync["rooms", "invite", named, "invite_state", "events"]?.arrayValue
            #expect(state?.contains { $0["content", "name"] == "den" } == true)
            try await alice.join(rooms[0])
            #expect(try await alice.state("m.room.name", of: rooms[0])["name"] == large)
        }
    }
}

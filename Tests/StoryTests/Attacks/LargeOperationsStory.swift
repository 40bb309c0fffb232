import HearthTestKit
import MatrixModel
import Testing

/// Single requests that would be thousands of events.
@Suite("Attacks by one request")
struct LargeOperationsStory {
    @Test("a room with forty thousand invitations of one user invites once, one with more than a hundred users is refused")
    func manyInvitations() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let bystander = try await Bystander(on: hearth)
            let mallory = try await hearth.client.register("mallory")
            let alice = try await hearth.client.register("alice")
            let same = JSON.array(Array(repeating: .string(alice.userID), count: 40_000))
            let others = JSON.array((0...100).map { .string("@user\($0):localhost") })
            let state = JSON.array((0...200).map { ["type": "org.example", "state_key": .string("\($0)"), "content": [:]] })
            let padding = JSON.string(String(repeating: "x", count: 4_500))
            let large = JSON.array(
                (0..<199).map { ["type": "org.example", "state_key": .string("\($0)"), "content": ["padding": padding]] })
            let (rooms, report) = try await bystander.whileEnduring {
                var rooms: [String] = []
                for _ in 0..<5 { rooms.append(try await mallory.createRoom(["invite": same])) }
                let tooMany = try await mallory.post("/createRoom", ["invite": others], expecting: 400)
                #expect(tooMany.errorCode == "M_INVALID_PARAM")
                let tooMuch = try await mallory.post("/createRoom", ["initial_state": state], expecting: 400)
                #expect(tooMuch.errorCode == "M_INVALID_PARAM")
                let tooLarge = try await mallory.post("/createRoom", ["initial_state": large], expecting: 400)
                #expect(tooLarge.errorCode == "M_INVALID_PARAM")
                let creators: JSON = ["additional_creators": others, "padding": .string(String(repeating: "x", count: 300_000))]
                let manyCreators = try await mallory.post("/createRoom", ["creation_content": creators], expecting: 400)
                #expect(manyCreators.errorCode == "M_INVALID_PARAM")
                return rooms
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            #expect(try hearth.memory("VmHWM") < 300 * 1024)
            try await hearth.restart()
            let invitations = try await alice.sync(setPresence: "offline")["rooms", "invite"]?.objectValue
            #expect(invitations?.keys.sorted() == rooms.sorted())
            #expect(try await mallory.get("/rooms/\(rooms[0])/members").json["chunk"]?.arrayValue?.count == 2)
        }
    }

    @Test("whoever makes rooms, joins, invites, sends or changes things in a loop is told to wait; nobody else is")
    func loops() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let bystander = try await Bystander(on: hearth)
            let mallory = try await hearth.client.register("mallory")
            let room = try await mallory.createRoom(["preset": "public_chat"])
            let requests: [(String, MatrixPath, JSON)] = [
                ("POST", "/createRoom", [:]), ("POST", "/join/\(room)", [:]),
                ("POST", "/rooms/\(room)/kick", ["user_id": "@nobody:localhost"]),
                ("PUT", "/rooms/\(room)/state/org.example/key", [:]),
                ("PUT", "/profile/\(mallory.userID)/displayname", ["displayname": "M"]),
                ("PUT", "/user/\(mallory.userID)/account_data/org.example", [:]),
                ("POST", "/user/\(mallory.userID)/filter", [:]), ("PUT", "/rooms/\(room)/send/m.room.message/1", [:]),
            ]
            let (refused, report) = try await bystander.whileEnduring {
                var refused = 0
                for (method, path, body) in requests {
                    var refusal: MatrixResponse?
                    for _ in 0..<1_500 where refusal == nil {
                        let response = try await mallory.request(method, path, body: body)
                        if response.status == 429 { refusal = response }
                    }
                    #expect(refusal?.errorCode == "M_LIMIT_EXCEEDED", "\(path)")
                    #expect(refusal?["retry_after_ms"]?.integerValue ?? 0 > 0, "\(path)")
                    if refusal != nil { refused += 1 }
                }
                return refused
            }
            #expect(refused == requests.count)
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
        }
    }

    @Test("a name that goes into hundreds of rooms delays nobody, and is in all of them in the end, after a kill too")
    func names() async throws {
        // The rooms come to be faster than limits would let them; the attack itself has the limits' pace at most.
        try await withHearth(settings: ["limits.longest_wait": "100ms"]) { hearth in
            let bystander = try await Bystander(on: hearth)
            let mallory = try await hearth.client.register("mallory")
            var rooms: [String] = []
            for _ in 0..<300 { rooms.append(try await mallory.createRoom()) }
            let (_, report) = try await bystander.whileEnduring { [mallory] in
                for number in 0..<30 {
                    try await mallory.put(
                        "/profile/\(mallory.userID)/displayname", ["displayname": .string("Mallory \(number)")])
                }
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            hearth.kill()
            try await hearth.start()
            let deadline = ContinuousClock.now + .seconds(20)
            for room in rooms {
                while try await mallory.state("m.room.member", key: mallory.userID, of: room)["displayname"] != "Mallory 29" {
                    guard ContinuousClock.now < deadline else {
                        Issue.record("a room has the old name")
                        return
                    }
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }
    }
}

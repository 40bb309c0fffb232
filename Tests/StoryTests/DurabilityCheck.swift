import HearthTestKit
import MatrixModel
import Testing

/// Compares a restarted server with what clients were told before it was killed.
struct DurabilityCheck: Sendable {
    let load: DurabilityLoad
    /// Said with every failure: seed and round.
    let comment: Comment
    private var ledger: DurabilityLedger { load.ledger }

    init(of load: DurabilityLoad, comment: Comment) {
        self.load = load
        self.comment = comment
    }

    /// Messages by id and content; sent again under the same transaction id they are the same event.
    func checkMessages(_ messages: [DurabilityLedger.Message]) async throws {
        try await concurrently(messages) { message in
            let sender = load.sender(message.writer)
            let event = try await load.reader.request("GET", "/rooms/\(message.room)/event/\(message.eventID)")
            #expect(event.status == 200, comment)
            #expect(event["content"] == DurabilityLoad.body(message.transactionID), comment)
            let again = try await sender.send(
                "m.room.message", DurabilityLoad.body(message.transactionID), to: message.room,
                transactionID: message.transactionID)
            #expect(again == message.eventID, comment)
        }
    }

    /// Requests that got no answer are sent again, as clients do; the walk over the history shows later that none became two events.
    func repeatUnanswered() async throws {
        for writer in 0..<DurabilityLoad.messageWriters {
            for number in ledger.progress(of: "messages \(writer)").possible.dropFirst() {
                let transactionID = "t\(writer)-\(number)"
                _ = try await load.sender(writer).send(
                    "m.room.message", DurabilityLoad.body(transactionID), to: load.rooms[writer % load.rooms.count],
                    transactionID: transactionID)
            }
        }
        let membership = ledger.progress(of: "membership").possible
        if membership.count > 1 {
            let last = membership.upperBound
            let path: MatrixPath = last % 2 == 0 ? "/rooms/\(load.door)/leave" : "/rooms/\(load.door)/join"
            let answer = try await load.bob.request("POST", path, body: [:])
            // Who has left already cannot leave.
            #expect(answer.status == 200 || (last % 2 == 0 && answer.status == 403), comment)
            ledger.acknowledge("membership", last)
        }
    }

    /// What stands is the last acknowledged value, or a later one that got no answer.
    func checkValues() async throws {
        let (alice, bob) = (load.alice, load.bob)
        func check(_ name: String, _ number: Int64?) {
            let possible = ledger.progress(of: name).possible
            if possible.lowerBound > 0 {
                #expect(
                    number.map { possible.contains(Int($0)) } == true,
                    "\(name): \(String(describing: number)) not in \(possible); \(comment)")
            }
        }
        let state = try await alice.request("GET", "/rooms/\(load.rooms[0])/state/test.state/\(DurabilityLoad.stateKey)")
        check("state", state["n"]?.integerValue)
        let data = try await alice.request("GET", "/user/\(alice.userID)/account_data/test.data")
        check("account data", data["n"]?.integerValue)
        let status = try await alice.request("GET", "/rooms/\(load.aliceProfile)/state/m.status/")
        check("status", Self.number(in: status["text"]))

        let possibleChoices = ledger.progress(of: "presence").possible.map { DurabilityLoad.choice($0).manual }
        if ledger.progress(of: "presence").acknowledged > 0 {
            let manual = try await alice.ownPresence()["io.hearth.manual", "presence"]?.stringValue
            #expect(possibleChoices.contains(manual), comment)
        }

        let both = try await bob.request("GET", "/rooms/\(load.bobProfile)/state/m.status/")
        let number = Self.number(in: both["text"])
        check("presence and status", number)
        if let number {
            let manual = try await bob.ownPresence()["io.hearth.manual", "presence"]
            #expect(manual == (number % 2 == 0 ? "busy" : "unavailable"), comment)
        }

        let membership = ledger.progress(of: "membership").possible.map { $0 % 2 == 1 }
        let joined = try await bob.get("/joined_rooms")["joined_rooms"]?.arrayValue ?? []
        #expect(membership.contains(joined.contains(.string(load.door))), comment)
    }

    private static func number(in text: JSON?) -> Int64? { text?.stringValue?.split(separator: " ").last.flatMap { Int64($0) } }

    /// Rooms that were made are whole: the name is the last thing that making them writes.
    func checkRooms(_ rooms: [String: String]) async throws {
        try await concurrently(Array(rooms)) { room, name in
            let state = try await load.bob.request("GET", "/rooms/\(room)/state/m.room.name/")
            #expect(state["name"] == .string(name), comment)
        }
    }

    /// A token from before the kill brings every acknowledged message whose request began after the token had come, and a new one.
    func check(_ token: DurabilityLedger.Token, fresh: [String: String]) async throws {
        let filter: JSON = ["room": ["timeline": ["limit": 500]]]
        let answer = try await load.reader.sync(since: token.text, setPresence: "offline", filter: filter)
        for room in load.rooms {
            var ids = Set(answer.timeline(of: room).compactMap { $0["event_id"]?.stringValue })
            if answer["rooms", "join", room, "timeline", "limited"] == true {
                let end = answer["rooms", "join", room, "timeline", "prev_batch"]?.stringValue ?? ""
                ids.formUnion(try await history(of: room, from: end, to: token.text).compactMap { $0["event_id"]?.stringValue })
            }
            let missing = ledger.messages.filter { $0.room == room && $0.begun > token.received && !ids.contains($0.eventID) }
            #expect(missing.isEmpty, "token \(token.text), \(room): \(missing.map(\.transactionID)); \(comment)")
            #expect(fresh[room].map(ids.contains) == true, "token \(token.text); \(comment)")
        }
    }

    /// The whole history holds every acknowledged message, and no message twice.
    func checkHistory() async throws {
        for room in load.rooms {
            let messages = try await history(of: room, from: "", to: nil).ofType("m.room.message")
            let bodies = messages.compactMap { $0["content", "body"]?.stringValue }
            #expect(Set(bodies).count == bodies.count, comment)
            let ids = Set(messages.compactMap { $0["event_id"]?.stringValue })
            let missing = ledger.messages.filter { $0.room == room && !ids.contains($0.eventID) }
            #expect(missing.isEmpty, comment)
        }
    }

    private func history(of room: String, from: String, to: String?) async throws -> [JSON] {
        var events: [JSON] = []
        var from = from
        while true {
            var query = ["dir": "b", "limit": "1000", "from": from]
            query["to"] = to
            let page = try await load.reader.get("/rooms/\(room)/messages", query: query)
            events += page["chunk"]?.arrayValue ?? []
            guard let end = page["end"]?.stringValue, end != from else { return events }
            from = end
        }
    }

    private func concurrently<Element: Sendable>(
        _ elements: [Element], _ check: @escaping @Sendable (Element) async throws -> Void
    ) async throws {
        let lanes = 8
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    for index in stride(from: lane, to: elements.count, by: lanes) { try await check(elements[index]) }
                }
            }
            try await group.waitForAll()
        }
    }
}

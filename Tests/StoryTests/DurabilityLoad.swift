import HearthTestKit
import MatrixModel

/// Users who all write at once, each with one kind of request, until the server is gone.
struct DurabilityLoad: Sendable {
    static let messageWriters = 4
    static let stateKey = "caf\u{E9} / 1"

    let ledger = DurabilityLedger()
    let alice: MatrixClient
    let bob: MatrixClient
    /// Sends nothing; joined to both rooms.
    let reader: MatrixClient
    let rooms: [String]
    /// Bob joins and leaves this one.
    let door: String
    let aliceProfile: String
    let bobProfile: String

    init(_ hearth: HearthProcess) async throws {
        alice = try await hearth.client.register("alice")
        bob = try await hearth.client.register("bob")
        reader = try await hearth.client.register("reader")
        rooms = [
            try await alice.createRoom(["preset": "public_chat"]), try await alice.createRoom(["preset": "public_chat"]),
        ]
        door = try await alice.createRoom(["preset": "public_chat"])
        for room in rooms {
            try await reader.join(room)
            try await bob.join(room)
        }
        aliceProfile = try await reader.peekProfile(of: alice.userID)
        bobProfile = try await reader.peekProfile(of: bob.userID)
    }

    /// Runs all writers and the reader, and returns when the last of them has lost the server.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.messageWriters { group.addTask { await sendMessages(writer) } }
            let (alice, bob) = (alice, bob)
            write("state", group: &group) { number in
                try await alice.setState("test.state", key: Self.stateKey, ["n": .integer(Int64(number))], in: rooms[0])
            }
            write("presence", group: &group) { number in
                let choice = Self.choice(number)
                try await alice.putPresence(choice.presence, fields: ["io.hearth.manual": true])
            }
            write("presence and status", group: &group) { number in
                try await bob.putPresence(
                    number % 2 == 0 ? "busy" : "unavailable", statusMessage: .string("both \(number)"),
                    fields: ["io.hearth.manual": true])
            }
            write("status", group: &group) { number in
                try await alice.setState("m.status", ["text": .string("status \(number)")], in: aliceProfile)
            }
            write("account data", group: &group) { number in
                try await alice.setAccountData("test.data", ["n": .integer(Int64(number)), "half": .double(0.5)])
            }
            write("membership", group: &group) { number in
                if number % 2 == 0 { try await bob.leave(door) } else { try await bob.join(door) }
            }
            write("rooms", group: &group) { number in
                let name = "room \(number)"
                ledger.noteRoom(try await bob.createRoom(["name": .string(name)]), name: name)
            }
            group.addTask { await read() }
        }
    }

    /// What is chosen by the number-th PUT: busy, back to automatic, unavailable.
    static func choice(_ number: Int) -> (presence: String, manual: String?) {
        switch number % 3 {
        case 0: ("busy", "busy")
        case 1: ("online", nil)
        default: ("unavailable", "unavailable")
        }
    }

    static func body(_ transactionID: String) -> JSON { ["msgtype": "m.text", "body": .string("message \(transactionID)")] }

    private func write(
        _ name: String, group: inout TaskGroup<Void>, _ send: @escaping @Sendable (Int) async throws -> Void
    ) {
        group.addTask {
            await untilGone {
                let number = ledger.attempt(name)
                try await send(number)
                ledger.acknowledge(name, number)
            }
        }
    }

    private func sendMessages(_ writer: Int) async {
        let room = rooms[writer % rooms.count]
        let name = "messages \(writer)"
        await untilGone {
            let number = ledger.attempt(name)
            let transactionID = "t\(writer)-\(number)"
            let begun = ledger.tick()
            let id = try await sender(writer).send(
                "m.room.message", Self.body(transactionID), to: room, transactionID: transactionID)
            ledger.acknowledge(name, number)
            ledger.note(
                DurabilityLedger.Message(room: room, writer: writer, transactionID: transactionID, eventID: id, begun: begun))
        }
    }

    func sender(_ writer: Int) -> MatrixClient { writer < 2 ? alice : bob }

    private func read() async {
        var since: String?
        await untilGone {
            let answer = try await reader.sync(since: since, setPresence: "offline")
            since = answer.nextBatch
            ledger.note(DurabilityLedger.Token(text: answer.nextBatch, received: ledger.tick()))
        }
    }

    /// Repeats until a request gets no answer, as when the server was killed; an answer of another status is noted as wrong.
    private func untilGone(_ body: () async throws -> Void) async {
        while true {
            do {
                try await body()
            } catch let error as UnexpectedResponse {
                return ledger.noteRefusal("\(error)")
            } catch {
                return
            }
        }
    }
}

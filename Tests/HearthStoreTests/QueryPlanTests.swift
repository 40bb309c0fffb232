import MatrixModel
import Testing

@testable import HearthStore

@Suite("How SQLite finds events")
struct QueryPlanTests {
    /// Everything that asks for events, by what it asks for.
    private static let questions: [(name: String, ask: @Sendable (StoreTransaction) throws -> Void)] = [
        ("a signed event", { _ = try $0.events.signed(at: position) }),
        ("a signed state event", { _ = try $0.events.signedState(key, in: room) }),
        ("all signed events of a room", { _ = try $0.events.signed(in: room) }),
        ("an event", { _ = try $0.events.event(event, in: room) }),
        ("the end of a lane", { _ = try $0.events.laneEnd(of: room) }),
        ("the event at a position", { _ = try $0.events.event(at: position) }),
        ("the newest", { _ = try $0.events.newest(10, in: room, after: .zero, upTo: position) }),
        ("the oldest", { _ = try $0.events.oldest(10, in: room, after: .zero, upTo: position) }),
        ("changes of state", { _ = try $0.events.stateChanges(in: room, after: .zero, upTo: position) }),
        ("the state at a position", { _ = try $0.events.state(of: room, at: position) }),
        ("that state with few members", { _ = try $0.events.state(of: room, at: position, members: [TestNames.alice]) }),
        ("the history of a state", { _ = try $0.events.history(of: key, in: room) }),
        ("every sender's newest", { try $0.restoration.eachSender { _, _, _ in } }),
        ("the last of every room", { try $0.restoration.eachRoom { _, _ in } }),
        ("every membership", { try $0.restoration.eachMembership { _, _ in } }),
        ("the current state", { _ = try $0.state.events(in: room) }),
        ("the current state of a type", { _ = try $0.state.events(ofType: .member, in: room) }),
        ("one current state", { _ = try $0.state.event(key, in: room) }),
        ("one state of all rooms", { try $0.state.each(.joinRules) { _ in } }),
        ("all lanes", { try $0.state.eachLaneEvent { _ in } }),
        ("notices of every room", { try $0.restoration.eachNotice(10) { _, _ in } }),
        ("what may notify a user", { _ = try $0.pushNotices.candidates(for: TestNames.alice, after: .zero, limit: 10) }),
        ("superseded lanes", { _ = try $0.events.purgeSupersededLane(after: .zero, upTo: position, limit: 10) }),
    ]

    private static let room = TestNames.room
    private static let event = TestNames.event("$1")
    private static let key = StateKey(.name)
    private static let position = StreamPosition(99)
    private static let phone = TestNames.device("PHONE")
    private static let message = ToDeviceMessage(sender: TestNames.alice, type: "t", content: [:])

    // Lanes are in no index of rooms: a query that does not say `is_lane = 0` goes through all events. Through all lanes, by their own
    // index, go the purge and an export.
    @Test("no question goes through all events", arguments: questions.indices)
    func noScan(index: Int) throws {
        let question = Self.questions[index]
        let plans = try Self.plans(of: question.ask).filter { $0.statement.contains("events") }
        #expect(!plans.isEmpty, "\(question.name)")
        for (statement, steps) in plans {
            let scans = steps.filter { $0 == "SCAN events" || $0 == "SCAN e" }
            #expect(scans.isEmpty, "\(question.name): \(scans) in \(statement)")
        }
    }

    /// What the purge asks for in each of its rounds, and who has too much waiting with each message.
    private static let rounds: [(name: String, ask: @Sendable (StoreTransaction) throws -> Void)] = [
        ("ended peeks", { _ = try $0.peeks.purge(endedUpTo: position, limit: 10) }),
        ("transactions", { _ = try $0.transactions.purge(before: TestNames.age(1), at: TestNames.age(2), limit: 10) }),
        (
            "transactions of messages to devices",
            { _ = try $0.toDevice.purgeTransactions(before: TestNames.age(1), at: TestNames.age(2), limit: 10) }
        ),
        ("filters", { _ = try $0.filters.purge(unusedSince: TestNames.age(1), at: TestNames.age(2), limit: 10) }),
        (
            "a sender's mailboxes",
            { store in
                try store.toDevice.insert(message, to: phone, at: StreamPosition(1))
                _ = try store.toDevice.makeRoom(ofSender: TestNames.alice, most: 0, before: position)
            }
        ),
        (
            "a mailbox",
            { store in
                try store.toDevice.insert(message, to: phone, at: StreamPosition(1))
                try store.toDevice.makeRoom(for: phone, most: 0, before: position)
            }
        ),
    ]

    @Test("what is asked for again and again goes through no table", arguments: rounds.indices)
    func noScanOfTables(index: Int) throws {
        let round = Self.rounds[index]
        let plans = try Self.plans(of: round.ask)
        #expect(!plans.isEmpty)
        for (statement, steps) in plans {
            let scans = steps.filter { $0.hasPrefix("SCAN") && !$0.hasSuffix("CONSTANT ROWS") }
            #expect(scans == [], "\(round.name): \(statement)")
        }
    }

    /// What a follow-up asks for at the beginning of each of its steps.
    private static let steps: [(name: String, ask: @Sendable (StoreTransaction) throws -> Void)] = [
        ("joined members", { _ = try $0.memberships.joined(in: room, after: position, limit: 10) }),
        (
            "a user's rooms",
            { _ = try $0.memberships.ordinaryRooms(of: TestNames.alice, among: [.join], after: room, limit: 10) }
        ),
        ("peeks into a room", { _ = try $0.peeks.live(in: room, after: position, limit: 10) }),
    ]

    // Where the order of the rows is not that of an index, or the cursor is no part of it, each step goes through all of them.
    @Test("a step of a follow-up reads on where the last one ended, and sorts nothing", arguments: steps.indices)
    func stepsFollowIndexes(index: Int) throws {
        let step = Self.steps[index]
        let plans = try Self.plans(of: step.ask)
        #expect(!plans.isEmpty)
        for (statement, steps) in plans {
            #expect(steps.filter { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") } == [], "\(step.name): \(statement)")
            #expect(steps.contains { $0.contains(">?)") }, "\(step.name): \(steps) in \(statement)")
        }
    }

    /// The statements that something asks of an empty database, each with the steps in which SQLite answers it.
    private static func plans(
        of ask: @escaping @Sendable (StoreTransaction) throws -> Void
    ) throws -> [(statement: String, steps: [String])] {
        let database = try SQLiteFile.migrated()
        return try database.write { db in
            try db.connection.statements { try ask(StoreTransaction(db: db)) }.map { statement in
                (statement, try db.rows("EXPLAIN QUERY PLAN \(statement)") { try $0["detail"] as String })
            }
        }
    }

    @Test("a query that says nothing of lanes would go through all events")
    func scan() throws {
        let plan = try SQLiteFile.migrated().read { db in
            try db.rows("EXPLAIN QUERY PLAN SELECT * FROM events WHERE room_id = '!a'") { try $0["detail"] as String }
        }
        #expect(plan == ["SCAN events"])
    }
}

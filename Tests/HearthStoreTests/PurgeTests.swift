import HearthStore
import MatrixModel
import RoomRules
import Testing

@Suite("Purging the store")
struct PurgeTests {
    @Test("of the lane only what is old, superseded and not its end goes; the main chain stays whole")
    func lane() async throws {
        try await withStore { store in
            try await store.write { transaction in
                var room = try StoredRoom(owner: TestNames.bob, in: transaction)
                func lane(_ type: EventType, _ number: Int64, at time: Int64) throws {
                    try room.send(type, key: "", ["n": .integer(number)], isLane: true, at: time, in: transaction)
                }
                try lane(.status, 1, at: 2000)
                // The clock was a thousand years ahead for a moment: a position is no older for it.
                try lane(.presence, 2, at: 2001 + 31_536_000_000_000)
                let second = room.position
                try lane(.presence, 3, at: 2002)
                try room.send(.profile, key: "", ["displayname": "Bob"], at: 2003, in: transaction)
                try lane(.presence, 4, at: 2004)
                try room.send(.message, ["body": "old too"], at: 2005, in: transaction)

                func purge(upTo position: StreamPosition) throws -> Int {
                    let before = try transaction.events.signed(in: TestNames.room).count
                    #expect(try transaction.events.purgeSupersededLane(after: .zero, upTo: position, limit: 10) == nil)
                    return before - (try transaction.events.signed(in: TestNames.room).count)
                }
                #expect(try purge(upTo: second) == 1)
                #expect(try purge(upTo: room.position) == 1)
                #expect(try purge(upTo: room.position) == 0)
                let left = try transaction.events.signed(in: TestNames.room)
                #expect(left.map(\.type) == [.create, .member, .status, .profile, .presence, .message])
                #expect(try transaction.state.laneEvents().count == 2)
                let end = try #require(room.record.tips.lane?.id)
                #expect(try transaction.events.event(end, in: TestNames.room) != nil)
            }
        }
    }

    @Test("the lane's end stays even where a rule would call it superseded, and a purge does no more than it was allowed")
    func laneEndAndLimit() async throws {
        try await withStore { store in
            try await store.write { transaction in
                var room = try StoredRoom(owner: TestNames.bob, in: transaction)
                for number: Int64 in 1...50 {
                    try room.send(
                        .presence, key: "", ["n": .integer(number)], isLane: true, at: 2000 + number, in: transaction)
                }
                func count() throws -> Int { try transaction.events.signed(in: TestNames.room).count }
                var (left, next) = ([try count()], StreamPosition?.some(.zero))
                while let after = next {
                    next = try transaction.events.purgeSupersededLane(after: after, upTo: room.position, limit: 20)
                    left.append(try count())
                }
                #expect(zip(left, left.dropFirst()).map { $0 - $1 } == [20, 20, 9])
                let lane = try transaction.events.signed(in: TestNames.room)
                    .compactMap { try transaction.events.event($0.id, in: TestNames.room) }.filter(\.isLane)
                #expect(lane.map(\.content) == [["n": 50]])
                #expect(lane.first?.eventID == room.record.tips.lane?.id)
            }
        }
    }

    @Test("a purge looks at no more lane events than it was allowed, those that stand included")
    func standingLanes() async throws {
        try await withStore { store in
            try await store.write { transaction in
                var room = try StoredRoom(owner: TestNames.bob, in: transaction)
                var positions: [StreamPosition] = []
                for number: Int64 in 1...30 {
                    try room.send(.presence, key: "\(number)", [:], isLane: true, at: 2000 + number, in: transaction)
                    positions.append(room.position)
                }
                let before = try transaction.events.signed(in: TestNames.room).count
                var looked: [StreamPosition] = []
                while let next = try transaction.events.purgeSupersededLane(
                    after: looked.last ?? .zero, upTo: room.position, limit: 12)
                {
                    looked.append(next)
                }
                #expect(looked == [positions[11], positions[23]])
                #expect(try transaction.events.signed(in: TestNames.room).count == before)
            }
        }
    }

    @Test("what goes by age goes a few rows at a time, the oldest first, and what a wrong clock dated ahead counts as of now")
    func steps() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let (transactions, toDevice, filters) = (transaction.transactions, transaction.toDevice, transaction.filters)
                let sent = (1...10).map { EventTransaction(device: TestNames.device("D"), id: "\($0)") }
                for (number, sent) in sent.enumerated() {
                    let age = TestNames.age(number < 8 ? Int64(number) : 5_000_000)
                    try transactions.insert(sent, scope: "s", event: TestNames.event("$e"), at: age)
                    #expect(try toDevice.begin(sent, type: "t", at: age))
                    _ = try filters.insert(["n": .integer(Int64(number))], for: TestNames.alice, at: age)
                }
                func left() throws -> [Int] {
                    let user = sent[0].device.user
                    return [
                        try sent.count { try transactions.event(for: $0, scope: "s") != nil },
                        Int(try transaction.usage.usage(of: user, .toDeviceTransactions).items),
                        try filters.count(of: TestNames.alice, atMost: 99),
                    ]
                }
                func purge(before age: Int64, at now: Int64) throws -> [Bool] {
                    let (age, now) = (TestNames.age(age), TestNames.age(now))
                    return [
                        try transactions.purge(before: age, at: now, limit: 3),
                        try toDevice.purgeTransactions(before: age, at: now, limit: 3),
                        try filters.purge(unusedSince: age, at: now, limit: 3),
                    ]
                }
                var remaining: [[Int]] = []
                repeat { remaining.append(try left()) } while try purge(before: 7, at: 20).contains(true)
                remaining.append(try left())
                #expect(remaining == [10, 7, 4, 3].map { [$0, $0, $0] })
                #expect(try transactions.event(for: sent[0], scope: "s") == nil)
                #expect(try transactions.event(for: sent[7], scope: "s") != nil)
                #expect(try filters.filter(10, of: TestNames.alice)?.lastUsed == TestNames.age(20))
                #expect(try purge(before: 21, at: 30) == [true, true, true])
                #expect(try left() == [0, 0, 0])

                let peeks = transaction.peeks
                for position in 1...5 as ClosedRange<Int64> {
                    try peeks.insert(
                        StoredPeek(
                            device: TestNames.device("D"), room: TestNames.room, started: StreamPosition(position),
                            expires: TestNames.time(9)))
                    try peeks.end(started: StreamPosition(position), at: StreamPosition(20 - position), reason: .expired)
                }
                #expect(try peeks.purge(endedUpTo: StreamPosition(20), limit: 3))
                #expect(try peeks.all().map(\.started.rawValue) == [1, 2])
                #expect(try !peeks.purge(endedUpTo: StreamPosition(20), limit: 3))
            }
        }
    }

    @Test("presence that is ordinary state of an ordinary room is nobody's lane and stays")
    func ordinaryRoom() async throws {
        try await withStore { store in
            try await store.write { transaction in
                var room = try StoredRoom(in: transaction)
                for time: Int64 in 2000...2002 { try room.send(.presence, key: "", [:], at: time, in: transaction) }
                let before = try transaction.events.signed(in: TestNames.room).count
                _ = try transaction.events.purgeSupersededLane(after: .zero, upTo: room.position, limit: 10)
                #expect(try transaction.events.signed(in: TestNames.room).count == before)
            }
        }
    }

    @Test("transaction ids go by age")
    func transactions() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let table = transaction.transactions
                let (old, new) = (
                    EventTransaction(device: TestNames.device("D"), id: "old"),
                    EventTransaction(device: TestNames.device("D"), id: "new")
                )
                try table.insert(old, scope: "s", event: TestNames.event("$old"), at: TestNames.age(9))
                try table.insert(new, scope: "s", event: TestNames.event("$new"), at: TestNames.age(10))
                #expect(try !table.purge(before: TestNames.age(10), at: TestNames.age(10), limit: 9))
                #expect(try table.event(for: old, scope: "s") == nil)
                #expect(try table.event(for: new, scope: "s") != nil)
            }
        }
    }

    @Test("filters go when nobody used them; a use saves them, and an id is not given twice while its filter lives")
    func filters() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let table = transaction.filters
                let used = try table.insert(["a": 1], for: TestNames.alice, at: TestNames.age(1))
                let unused = try table.insert(["b": 1], for: TestNames.alice, at: TestNames.age(1))
                try table.touch(used, of: TestNames.alice, at: TestNames.age(10))
                #expect(try !table.purge(unusedSince: TestNames.age(10), at: TestNames.age(10), limit: 9))
                #expect(try table.filter(used, of: TestNames.alice)?.json == ["a": 1])
                #expect(try table.filter(unused, of: TestNames.alice) == nil)
                #expect(try table.insert(["c": 1], for: TestNames.alice, at: TestNames.age(11)) != used)
            }
        }
    }

    @Test("peeks go when they ended long enough ago; live ones stay whatever their time")
    func peeks() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let table = transaction.peeks
                for (position, expires) in [(1, 5), (2, 5), (3, 50)] as [(Int64, Int64)] {
                    try table.insert(
                        StoredPeek(
                            device: TestNames.device("D"), room: TestNames.room, started: StreamPosition(position),
                            expires: TestNames.time(expires)))
                }
                try table.end(started: StreamPosition(1), at: StreamPosition(7), reason: .expired)
                try table.end(started: StreamPosition(3), at: StreamPosition(8), reason: .unpeeked)
                #expect(try !table.purge(endedUpTo: StreamPosition(7), limit: 9))
                #expect(try table.all().map(\.started.rawValue) == [2, 3])
            }
        }
    }

    @Test("registration tokens go with their end; those without one stay, used up or not")
    func registrationTokens() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let table = transaction.registrationTokens
                try table.insert("ended", usesAllowed: nil, expires: TestNames.time(10))
                try table.insert("ends", usesAllowed: nil, expires: TestNames.time(11))
                try table.insert("endless", usesAllowed: nil, expires: nil)
                try table.purge(expiredBefore: TestNames.time(10))
                #expect(try !table.isValid("ended", at: TestNames.time(1)))
                #expect(try table.isValid("ends", at: TestNames.time(1)) && table.isValid("endless", at: TestNames.time(1)))
            }
        }
    }
}

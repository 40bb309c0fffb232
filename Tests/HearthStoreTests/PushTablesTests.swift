import HearthStore
import MatrixModel
import Testing

@Suite("Notices and pushers in the store")
struct PushTablesTests {
    private static let bob = TestNames.bob
    private static let carol = UserID("@carol:alpha.test")!

    @Test("events without a row mean what their type has them, marked ones do not go under")
    func notices() async throws {
        try await withStore { store in
            try await store.write { transaction in
                var room = try StoredRoom(in: transaction)
                func send(_ type: EventType, _ notices: EventNotices? = nil) throws {
                    let event = try room.send(type, [:], at: 2000 + room.position.rawValue, in: transaction)
                    if let notices { try transaction.pushNotices.insert(notices, at: event.position, in: TestNames.room) }
                    #expect(
                        try transaction.pushNotices.notices(of: event)
                            == notices ?? .standard(for: type, isState: false))
                }
                try send(.message, EventNotices(base: .notify, deviations: [Self.bob: .highlight]))  // 3
                try send("m.call.invite", EventNotices(base: .notify))  // 4
                try send(.message)  // 5
                try send(.message, EventNotices(base: .none))  // 6: concerns nobody
                try send("m.reaction")  // 7
                try send("m.reaction", EventNotices(base: .none, deviations: [Self.bob: .notify]))  // 8
                try send(.message, EventNotices(base: .notify, deviations: [Self.bob: .none]))  // 9
                try send(.encrypted)  // 10
                try send("m.tombstone", EventNotices(base: .highlight, deviations: [Self.bob: .none, Self.carol: .notify]))  // 11
            }
            try store.readNow { transaction in
                func newest(_ limit: Int) throws -> [StoredNotices] {
                    var newest: [StoredNotices] = []
                    try transaction.restoration.eachNotice(limit) { if $0 == TestNames.room { newest.append($1) } }
                    return newest.sorted { $0.position > $1.position }
                }
                let all = try newest(9)
                #expect(all.map(\.position.rawValue) == [11, 10, 9, 8, 5, 4, 3])
                #expect(all.allSatisfy { $0.sender == TestNames.alice })
                #expect(
                    all.map(\.notices) == [
                        EventNotices(base: .highlight, deviations: [Self.bob: .none, Self.carol: .notify]),
                        EventNotices(base: .notify), EventNotices(base: .notify, deviations: [Self.bob: .none]),
                        EventNotices(base: .none, deviations: [Self.bob: .notify]), EventNotices(base: .notify),
                        EventNotices(base: .notify), EventNotices(base: .notify, deviations: [Self.bob: .highlight]),
                    ])
                // One plain, and one marked.
                #expect(try newest(1).map(\.position.rawValue) == [11, 10])
            }
        }
    }

    @Test("what may notify a user is what others sent while the user was there, and invitations")
    func candidates() async throws {
        try await withStore { store in
            try await store.write { transaction in
                var room = try StoredRoom(in: transaction)
                for _ in 0..<4 { try room.send(.message, [:], at: 2000 + room.position.rawValue, in: transaction) }  // 3 to 6
                try room.send("m.reaction", [:], at: 2100, in: transaction)  // 7
                try room.send(.topic, key: "", [:], at: 2101, in: transaction)  // 8
                try transaction.pushNotices.insert(EventNotices(base: .notify), at: StreamPosition(8), in: TestNames.room)
                try room.send(.message, [:], at: 2102, in: transaction)  // 9
                try transaction.pushNotices.insert(EventNotices(base: .none), at: StreamPosition(9), in: TestNames.room)
                try transaction.memberships.set(.join, of: Self.bob, in: TestNames.room, at: StreamPosition(4))
                try transaction.memberships.set(.invite, of: Self.carol, in: TestNames.room, at: StreamPosition(6))
                func found(_ user: UserID, after position: Int64, limit: Int = 10) throws -> [Int64] {
                    try transaction.pushNotices.candidates(for: user, after: StreamPosition(position), limit: limit).map(
                        \.rawValue)
                }
                #expect(try found(Self.bob, after: 0) == [5, 6, 8])
                #expect(try found(Self.bob, after: 5) == [6, 8])
                #expect(try found(Self.bob, after: 0, limit: 1) == [5])
                #expect(try found(Self.carol, after: 0) == [6])
                #expect(try found(Self.carol, after: 6) == [])
                #expect(try found(TestNames.alice, after: 0) == [])
            }
        }
    }

    @Test("the history of a room is what others sent that concerns somebody, the newest first")
    func history() async throws {
        try await withStore { store in
            try await store.write { transaction in
                var room = try StoredRoom(in: transaction)
                for _ in 0..<4 { try room.send(.message, [:], at: 2000 + room.position.rawValue, in: transaction) }  // 3 to 6
                try room.send("m.reaction", [:], at: 2100, in: transaction)  // 7
                try room.send(.topic, key: "", [:], at: 2101, in: transaction)  // 8
                let toBob = EventNotices(base: .none, deviations: [Self.bob: .highlight])
                try transaction.pushNotices.insert(toBob, at: StreamPosition(8), in: TestNames.room)
                try room.send(.message, [:], at: 2102, in: transaction)  // 9
                try transaction.pushNotices.insert(EventNotices(base: .none), at: StreamPosition(9), in: TestNames.room)
                func found(
                    _ user: UserID = Self.bob, after: Int64 = 0, upTo: Int64 = 100, onlyMarked: Bool = false, limit: Int = 10
                ) throws -> [StoredNotices] {
                    try transaction.pushNotices.history(
                        in: TestNames.room, for: user, after: StreamPosition(after), upTo: StreamPosition(upTo),
                        onlyMarked: onlyMarked, limit: limit)
                }
                #expect(try found().map(\.position.rawValue) == [8, 6, 5, 4, 3])
                #expect(try found().first?.notices == toBob)
                #expect(try found(after: 4, upTo: 6).map(\.position.rawValue) == [6, 5])
                #expect(try found(limit: 2).map(\.position.rawValue) == [8, 6])
                #expect(try found(onlyMarked: true).map(\.position.rawValue) == [8])
                #expect(try found(upTo: 7, onlyMarked: true).isEmpty)
                #expect(try found(TestNames.alice).isEmpty)
            }
        }
    }

    @Test("pushers come back as they were set, and are gone with their device")
    func pushers() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let device = DeviceKey(user: Self.bob, device: DeviceID("PHONE")!)
                try transaction.devices.upsert(device, displayName: nil, at: TestNames.time(1))
                func pusher(_ user: UserID, _ pushkey: String, position: Int64) -> StoredPusher {
                    StoredPusher(
                        user: user, appID: "app", pushkey: pushkey, device: DeviceID("PHONE")!,
                        json: ["kind": "http", "x": .double(0.5)],
                        set: TestNames.time(7), position: StreamPosition(position))
                }
                try transaction.pushers.set(pusher(Self.bob, "caf\u{E9}", position: 1))
                try transaction.pushers.set(pusher(Self.bob, "cafe\u{301}", position: 2))
                try transaction.pushers.set(pusher(Self.carol, "caf\u{E9}", position: 3))
                try transaction.pushers.set(pusher(Self.bob, "caf\u{E9}", position: 4))
                try transaction.pushers.setProgress(
                    of: Self.carol, appID: "app", pushkey: "caf\u{E9}", position: StreamPosition(9),
                    lastSuccess: TestNames.time(5),
                    lastFailure: nil)
                #expect(try transaction.pushers.pushers(of: Self.bob).map(\.position.rawValue).sorted() == [2, 4])
                #expect(try transaction.pushers.names(appID: "app", pushkey: "caf\u{E9}").count == 2)
                let carols = try #require(try transaction.pushers.pusher(of: Self.carol, appID: "app", pushkey: "caf\u{E9}"))
                #expect(
                    carols.position == StreamPosition(9) && carols.lastSuccess == TestNames.time(5) && carols.lastFailure == nil)
                #expect(carols.json == ["kind": "http", "x": .double(0.5)] && carols.set == TestNames.time(7))
                try transaction.devices.delete(device)
                #expect(try transaction.pushers.all().map(\.user) == [Self.carol])
                try transaction.pushers.delete(of: Self.carol, appID: "app", pushkey: "caf\u{E9}")
                #expect(try transaction.pushers.all().isEmpty)
            }
        }
    }
}

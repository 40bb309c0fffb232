import HearthStore
import MatrixModel
import RoomRules
import Testing

@Suite("The store's tables")
struct TableRoundTripTests {
    private let alice = TestNames.alice
    private let bob = TestNames.bob
    private let phone = TestNames.device("PHONE")

    @Test("accounts: what was stored of one, all in the order of their ids, and who lacks a profile room")
    func users() async throws {
        try await withStore { store in
            try await store.write { transaction in
                try transaction.users.insert(bob, passwordHash: nil, isAdmin: true, at: TestNames.time(1))
                try transaction.users.insert(alice, passwordHash: "hash", isAdmin: false, at: TestNames.time(2))
                _ = try StoredRoom(owner: bob, in: transaction)
                let stored = try #require(try transaction.users.user(alice))
                #expect(stored.passwordHash == "hash" && !stored.isAdmin && !stored.isDeactivated)
                #expect(try transaction.users.user(bob)?.isAdmin == true)
                #expect(try transaction.users.user(TestNames.user("carol")) == nil)
                #expect(try transaction.users.all() == [alice, bob])
                #expect(try transaction.users.withoutProfileRoom() == [alice])
            }
        }
    }

    @Test("rooms: the profile room of who was deactivated is found by nothing, the others' and ordinary rooms are")
    func deactivatedOwner() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let ordinary = TestNames.room
                let profiles = [alice: RoomID("!alice:alpha.test")!, bob: RoomID("!bob:alpha.test")!]
                var room = try StoredRoom(ordinary, in: transaction)
                for (owner, id) in profiles {
                    try transaction.users.insert(owner, passwordHash: nil, isAdmin: false, at: TestNames.time(1))
                    room = try StoredRoom(id, owner: owner, after: room.position, in: transaction)
                }
                try transaction.users.deactivate(bob)
                #expect(try transaction.rooms.room(ordinary) != nil)
                #expect(try transaction.rooms.room(profiles[alice]!)?.profileOwner == alice)
                #expect(try transaction.rooms.room(profiles[bob]!) == nil)
                #expect(try transaction.rooms.profileRoom(of: alice) == profiles[alice])
                #expect(try transaction.rooms.profileRoom(of: bob) == nil)
                #expect(try transaction.rooms.profileRooms().map(\.owner) == [alice])
                #expect(try Set(transaction.rooms.all()) == [ordinary, profiles[alice]!])
            }
        }
    }

    @Test("devices: a second log-in keeps the name and takes the earlier token, a deleted device takes all that is its own along")
    func devices() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let devices = transaction.devices
                try devices.upsert(phone, displayName: "Phone", at: TestNames.time(1))
                try devices.replaceToken(of: phone, hash: [0, 1, 255], at: TestNames.time(1))
                try devices.upsert(phone, displayName: nil, at: TestNames.time(2))
                try devices.replaceToken(of: phone, hash: [9], at: TestNames.time(2))
                try devices.upsert(TestNames.device("LAPTOP"), displayName: nil, at: TestNames.time(3))
                #expect(try devices.device(phone)?.displayName == "Phone")
                #expect(try devices.device(phone)?.createdTS == TestNames.time(1))
                #expect(try devices.allTokens().map(\.hash) == [[9]])
                #expect(try devices.allTokens().first?.key == phone)
                try devices.setDisplayName("Caf\u{E9}", of: phone)
                try devices.setLastContact(TestNames.time(600), of: phone)
                try devices.setLastContact(TestNames.time(600), of: TestNames.device("GONE"))
                #expect(try devices.devices(of: alice).map(\.key.device.rawValue) == ["LAPTOP", "PHONE"])
                #expect(try devices.devices(inContactSince: TestNames.time(600)).map(\.displayName) == ["Caf\u{E9}"])
                #expect(try devices.devices(inContactSince: TestNames.time(601)).isEmpty)

                let event = EventTransaction(device: phone, id: "t")
                try transaction.transactions.insert(event, scope: "s", event: TestNames.event("$e"), at: TestNames.age(1))
                try transaction.peeks.insert(
                    StoredPeek(device: phone, room: TestNames.room, started: StreamPosition(1), expires: TestNames.time(9)))
                try devices.delete(phone)
                #expect(try devices.device(phone) == nil && devices.allTokens().isEmpty)
                #expect(try transaction.transactions.event(for: event, scope: "s") == nil)
                #expect(try transaction.peeks.all().isEmpty)
                #expect(try devices.devices(of: alice).count == 1)
            }
        }
    }

    @Test("memberships: the position tells when the membership began, whatever member events come after")
    func memberships() async throws {
        try await withStore { store in
            try await store.write { transaction in
                _ = try StoredRoom(in: transaction)
                let table = transaction.memberships
                try table.set(.invite, of: bob, in: TestNames.room, at: StreamPosition(3))
                try table.set(.join, of: bob, in: TestNames.room, at: StreamPosition(4))
                try table.set(.join, of: bob, in: TestNames.room, at: StreamPosition(8))
                #expect(try table.membership(of: bob, in: TestNames.room)?.position == StreamPosition(4))
                try table.set(.leave, of: bob, in: TestNames.room, at: StreamPosition(9))
                try table.forget(TestNames.room, by: bob)
                #expect(try table.membership(of: bob, in: TestNames.room)?.isForgotten == true)
                try table.set(.join, of: bob, in: TestNames.room, at: StreamPosition(10))
                let joined = try #require(try table.membership(of: bob, in: TestNames.room))
                #expect(!joined.isForgotten && joined.membership == .join && joined.position == StreamPosition(10))
                #expect(try table.memberships(of: bob).count == 1 && table.memberships(in: TestNames.room).count == 1)
                #expect(try table.membership(of: alice, in: TestNames.otherRoom) == nil)
            }
        }
    }

    @Test("account data: any JSON object, per room or global, read as what changed in a stretch of the stream")
    func accountData() async throws {
        try await withStore { store in
            let content: JSONObject = ["half": .double(0.5), "big": .double(1e300), "caf\u{E9}": 1, "cafe\u{301}": 2]
            try await store.write { transaction in
                let table = transaction.accountData
                func set(_ type: EventType, room: RoomID?, _ content: JSONObject, at position: Int64) throws {
                    try table.set(
                        StoredAccountData(
                            user: alice, room: room, type: type, content: content, position: StreamPosition(position)))
                }
                try set("a", room: nil, ["old": true], at: 1)
                try set("a", room: TestNames.room, ["of": "room"], at: 2)
                try set("a", room: nil, content, at: 3)
                #expect(try table.data(of: alice, room: nil, type: "a")?.content == content)
                #expect(try table.data(of: alice, room: TestNames.room, type: "a")?.content == ["of": "room"])
                #expect(try table.data(of: alice, room: TestNames.room, type: "a")?.room == TestNames.room)
                #expect(try table.data(of: bob, room: nil, type: "a") == nil)
                let changes = try table.changes(of: alice, after: StreamPosition(1), upTo: StreamPosition(3))
                #expect(changes.map(\.position.rawValue) == [2, 3])
                #expect(try table.changes(of: alice, after: StreamPosition(3), upTo: StreamPosition(9)).isEmpty)
            }
        }
    }

    @Test("aliases: byte-exact names that point to one room")
    func aliases() async throws {
        try await withStore { store in
            let one = try #require(RoomAlias("#caf\u{E9}:alpha.test"))
            let other = try #require(RoomAlias("#cafe\u{301}:alpha.test"))
            try await store.write { transaction in
                try transaction.aliases.insert(one, for: TestNames.room, creator: alice)
                try transaction.aliases.insert(other, for: TestNames.otherRoom, creator: bob)
                #expect(try transaction.aliases.room(one)?.roomID == TestNames.room)
                #expect(try transaction.aliases.room(other)?.creator == bob)
                #expect(try transaction.aliases.aliases(of: TestNames.room) == [one])
                try transaction.aliases.delete(one)
                #expect(try transaction.aliases.room(one) == nil)
                #expect(try transaction.aliases.room(other) != nil)
            }
        }
    }

    @Test("filters: found by what they say, ids of one's own for each user, least lately used first")
    func filters() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let table = transaction.filters
                let first = try table.insert(["a": 1], for: alice, at: TestNames.age(1))
                let second = try table.insert(["a": .double(1.5)], for: alice, at: TestNames.age(1))
                #expect(first != second)
                #expect(try table.id(of: ["a": 1], for: alice) == first)
                #expect(try table.id(of: ["a": 2], for: alice) == nil)
                #expect(try table.id(of: ["a": 1], for: bob) == nil)
                #expect(try table.leastRecentlyUsed(of: alice)?.id == first)
                try table.touch(first, of: alice, at: TestNames.age(2))
                #expect(try table.leastRecentlyUsed(of: alice)?.id == second)
                #expect(try table.count(of: alice, atMost: 9) == 2)
                #expect(try table.count(of: alice, atMost: 1) == 1)
                #expect(try table.filter(second, of: alice)?.json == ["a": .double(1.5)])
                #expect(try table.filter(first, of: bob) == nil)
                #expect(try table.filter(.max, of: alice) == nil)
            }
        }
    }

    @Test("peeks: from start to end, live ones by device, user and room")
    func peeks() async throws {
        try await withStore { store in
            let laptop = TestNames.device("LAPTOP", of: bob)
            try await store.write { transaction in
                let table = transaction.peeks
                for (position, device) in [(1, phone), (2, laptop)] as [(Int64, DeviceKey)] {
                    try table.insert(
                        StoredPeek(
                            device: device, room: TestNames.room, started: StreamPosition(position), expires: TestNames.time(10)))
                }
                try table.renew(started: StreamPosition(1), until: TestNames.time(20))
                #expect(try table.live(of: phone).map(\.expires) == [TestNames.time(20)])
                try table.end(started: StreamPosition(2), at: StreamPosition(5), reason: .notAllowed)
                #expect(try table.live(in: TestNames.room).map(\.device) == [phone])
                #expect(try table.live(of: bob, in: TestNames.room).isEmpty)
                #expect(try table.live(of: alice, in: TestNames.room).count == 1)
                let all = try table.all()
                #expect(all.map(\.ended) == [nil, StreamPosition(5)] && all.map(\.endReason) == [nil, .notAllowed])
            }
        }
    }

    @Test("presence: what was published comes back")
    func presence() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let table = transaction.presence
                try table.setPublished("online", lastOnline: TestNames.time(4), of: alice)
                func all() throws -> [StoredPresence] {
                    var all: [StoredPresence] = []
                    try transaction.restoration.eachPresence { all.append($0) }
                    return all
                }
                let stored = try #require(try all().first)
                #expect(stored.published == "online" && stored.lastOnline == TestNames.time(4))
                try table.delete(alice)
                #expect(try all().isEmpty)
            }
        }
    }

    @Test("choices of presence: one a user, one a device, and soft away; a device's end with it")
    func choices() async throws {
        try await withStore { store in
            @Sendable func choice(_ kind: StoredChoice.Kind, _ device: DeviceID?, _ presence: String, number: Int64)
                -> StoredChoice
            {
                StoredChoice(
                    kind: kind, device: device, presence: presence, expires: kind == .user ? TestNames.time(5) : nil,
                    number: number, isInBackground: presence == "busy", endsWithSync: presence == "offline")
            }
            let own = choice(.user, nil, "unavailable", number: 1)
            let devices = choice(.device, phone.device, "busy", number: 2)
            let away = choice(.away, phone.device, "unavailable", number: 3)
            try await store.write { transaction in
                let table = transaction.presenceChoices
                for choice in [own, devices, away] { try table.set(choice, of: alice) }
                try table.set(choice(.device, phone.device, "busy", number: 9), of: bob)
                func stored() throws -> [StoredChoice] {
                    try table.all().filter { $0.user == alice }.map(\.choice).sorted { $0.number < $1.number }
                }
                #expect(try stored() == [own, devices, away])
                let hidden = choice(.device, phone.device, "offline", number: 4)
                try table.set(hidden, of: alice)
                try table.delete(.away, by: phone.device, of: alice)
                #expect(try stored() == [own, hidden])
                try table.deleteAll(of: phone)
                #expect(try stored() == [own])
                try table.deleteAll(of: alice)
                #expect(try table.all().map(\.user) == [bob])
            }
        }
    }

    @Test("transaction ids: the first event of an id, apart for each device and request")
    func transactions() async throws {
        try await withStore { store in
            let event = EventTransaction(device: phone, id: "t1")
            try await store.write { transaction in
                try transaction.transactions.insert(event, scope: "send", event: TestNames.event("$one"), at: TestNames.age(1))
                #expect(try transaction.transactions.event(for: event, scope: "send") == EventID("$one"))
                #expect(try transaction.transactions.event(for: event, scope: "redact") == nil)
                let other = EventTransaction(device: TestNames.device("LAPTOP"), id: "t1")
                #expect(try transaction.transactions.event(for: other, scope: "send") == nil)
            }
        }
    }

    @Test("registration tokens: counted uses, an end, and nothing after either")
    func registrationTokens() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let table = transaction.registrationTokens
                #expect(try !table.hasValid(at: TestNames.time(1)))
                try table.insert("twice", usesAllowed: 2, expires: nil)
                try table.insert("short", usesAllowed: nil, expires: TestNames.time(10))
                for expected in [true, true, false] { #expect(try table.use("twice", at: TestNames.time(1)) == expected) }
                #expect(try table.isValid("short", at: TestNames.time(9)))
                #expect(try !table.isValid("short", at: TestNames.time(10)))
                #expect(try !table.use("none", at: TestNames.time(1)))
                #expect(try table.hasValid(at: TestNames.time(9)) && !table.hasValid(at: TestNames.time(10)))
            }
        }
    }

    @Test("single values: the stream's position and the signing key")
    func meta() async throws {
        try await withStore { store in
            try await store.write { transaction in
                #expect(try transaction.meta.position() == .zero && transaction.meta.signingKey() == nil)
                try transaction.meta.setPosition(StreamPosition(.max))
                try transaction.meta.setSigningKey(version: "a_1", seedHex: "00ff")
                #expect(try transaction.meta.position() == StreamPosition(.max))
                #expect(try transaction.meta.signingKey()?.seedHex == "00ff")
            }
        }
    }
}

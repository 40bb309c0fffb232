import HearthStore
import MatrixModel
import Testing

@Suite("The tables of encryption")
struct EncryptionTablesTests {
    private let alice = TestNames.alice
    private let bob = TestNames.bob
    private let phone = TestNames.device("PHONE")

    private func key(_ id: String, algorithm: String = "a") -> StoredOneTimeKey {
        StoredOneTimeKey(algorithm: algorithm, id: id, key: ["key": .string(id)])
    }

    @Test("one-time keys: the oldest upload first, each once, counted by algorithm and device")
    func oneTimeKeys() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let keys = transaction.oneTimeKeys
                #expect(try keys.nextUpload(of: phone) == 1)
                try keys.insert(key("z"), of: phone, upload: 1)
                try keys.insert(key("b", algorithm: "b"), of: phone, upload: 1)
                try keys.insert(key("a"), of: phone, upload: try keys.nextUpload(of: phone))
                try keys.insert(key("z"), of: TestNames.device("TABLET"), upload: 1)
                #expect(try keys.counts(of: phone) == ["a": 2, "b": 1])
                #expect(try keys.key("a", "z", of: phone) == ["key": "z"] && keys.key("b", "z", of: phone) == nil)
                #expect(try keys.take("a", of: phone) == key("z"))
                #expect(try keys.take("a", of: phone) == key("a"))
                #expect(try keys.take("a", of: phone) == nil)
                try keys.deleteAll(of: phone)
                #expect(try keys.counts(of: phone) == [:])
                #expect(try keys.counts(of: TestNames.device("TABLET")) == ["a": 1])
            }
        }
    }

    @Test("fallback keys: one for each algorithm, used until another comes")
    func fallbackKeys() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let keys = transaction.fallbackKeys
                try keys.set(key("1"), of: phone)
                try keys.set(key("1", algorithm: "b"), of: phone)
                #expect(try keys.unusedAlgorithms(of: phone) == ["a", "b"])
                let first = try #require(try keys.use("a", of: phone))
                #expect(first.key == key("1") && first.wasUnused)
                #expect(try keys.use("a", of: phone)?.wasUnused == false)
                try keys.set(key("1"), of: phone)
                #expect(try keys.unusedAlgorithms(of: phone) == ["b"])
                try keys.set(key("2"), of: phone)
                #expect(try keys.unusedAlgorithms(of: phone) == ["a", "b"])
                #expect(try keys.use("a", of: phone)?.key == key("2"))
                #expect(try keys.use("c", of: phone) == nil)
            }
        }
    }

    @Test("signatures: those of the owner and the viewer, gone with the signed key and with the signing key")
    func signatures() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let table = transaction.keySignatures
                let carol = TestNames.user("carol")
                func signature(_ signer: UserID, _ text: String = "s") -> KeySignature {
                    KeySignature(targetUser: alice, targetKey: "K", signer: signer, signingKey: "ed25519:X", signature: text)
                }
                #expect(try table.set(signature(alice), at: StreamPosition(1)))
                #expect(try !table.set(signature(alice), at: StreamPosition(2)), "the same is nothing new")
                #expect(try table.set(signature(bob), at: StreamPosition(3)))
                #expect(try table.set(signature(bob, "other"), at: StreamPosition(4)))
                #expect(try table.signatures(of: alice, for: carol) == [signature(alice)])
                #expect(try table.signatures(of: alice, for: bob) == [signature(alice), signature(bob, "other")])
                let foreign = try table.foreignSigners()
                #expect(foreign.count == 1 && foreign.first?.signer == bob && foreign.first?.position == StreamPosition(4))
                try table.delete(by: bob, signingKey: "ed25519:X")
                #expect(try table.signatures(of: alice, for: bob) == [signature(alice)])
                try table.delete(of: alice, key: "K")
                #expect(try table.signatures(of: alice, for: alice).isEmpty)
            }
        }
    }

    @Test("messages to devices: in order, up to a limit and a position; deleted up to a position; too many known")
    func toDevice() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let table = transaction.toDevice
                let tablet = TestNames.device("TABLET")
                func message(_ number: Int64) -> ToDeviceMessage {
                    ToDeviceMessage(sender: bob, type: "m.test", content: ["n": .integer(number), "half": .double(0.5)])
                }
                for number in 1...5 as ClosedRange<Int64> {
                    try table.insert(message(number), to: phone, at: StreamPosition(number))
                }
                try table.insert(message(3), to: tablet, at: StreamPosition(3))
                let some = try table.messages(to: phone, after: StreamPosition(1), upTo: StreamPosition(4), limit: 2)
                #expect(some.map(\.message) == [message(2), message(3)])
                #expect(some.map(\.position.rawValue) == [2, 3])
                #expect(try table.messages(to: phone, after: StreamPosition(3), upTo: StreamPosition(4), limit: 9).count == 1)
                try table.delete(to: phone, upTo: StreamPosition(2))
                let boxes = try table.mailboxes().sorted { $0.device.device.rawValue < $1.device.device.rawValue }
                #expect(boxes.map(\.device) == [phone, tablet])
                #expect(boxes.map(\.first.rawValue) == [3, 3] && boxes.map(\.last.rawValue) == [5, 3])

                let transactionID = EventTransaction(device: phone, id: "t")
                #expect(try table.begin(transactionID, type: "m.test", at: TestNames.age(1)))
                #expect(try !table.begin(transactionID, type: "m.test", at: TestNames.age(2)))
                #expect(try table.begin(transactionID, type: "m.other", at: TestNames.age(3)))
                #expect(try !table.purgeTransactions(before: TestNames.age(2), at: TestNames.age(3), limit: 9))
                #expect(try table.begin(transactionID, type: "m.test", at: TestNames.age(4)))
                try table.deleteAll(of: phone)
                #expect(try table.mailboxes().map(\.device) == [tablet])
                #expect(try table.begin(transactionID, type: "m.other", at: TestNames.age(5)))
            }
        }
    }

    @Test("key backups: the newest is current until it is deleted, and its number does not come again")
    func backups() async throws {
        try await withStore { store in
            try await store.write { transaction in
                let backups = transaction.keyBackups
                let sessions = transaction.keyBackupSessions
                #expect(try backups.current(of: alice) == nil)
                let first = try backups.insert(algorithm: "m.a", authData: ["x": 1], of: alice)
                let second = try backups.insert(algorithm: "m.b", authData: [:], of: alice)
                #expect(try backups.current(of: alice)?.version == second)
                let session = BackedUpSession(
                    firstMessageIndex: 1, forwardedCount: 2, isVerified: true, sessionData: ["c": "x"])
                let place = KeyBackupSessionsTable.Place(user: alice, version: second, room: TestNames.room, session: "S")
                try sessions.set(session, at: place)
                #expect(try sessions.session(at: place) == session)
                #expect(try sessions.sessions(of: second, user: alice, room: TestNames.otherRoom).isEmpty)
                try backups.noteChange(of: second, user: alice, added: 1)
                #expect(try backups.backup(second, of: alice)?.etag == 1)
                #expect(try backups.backup(second, of: alice)?.sessionCount == 1)
                try backups.delete(second, of: alice)
                #expect(try backups.current(of: alice)?.version == first && backups.backup(second, of: alice) == nil)
                #expect(try sessions.session(at: place) == nil)
                #expect(try backups.insert(algorithm: "m.c", authData: [:], of: alice) > second)
                #expect(try backups.insert(algorithm: "m.c", authData: [:], of: bob) == first)
            }
        }
    }
}

import MatrixModel
import Testing

@testable import HearthStore

@Suite("Texts that no database is asked with")
struct KeyBoundTests {
    private static let phone = TestNames.device("PHONE")
    private static let alice = TestNames.alice
    private static let room = TestNames.room

    /// Everything that stores a name of a client's choice in an index.
    private static let writes: [(name: String, write: @Sendable (String, StoreTransaction) throws -> Void)] = [
        (
            "account data",
            { text, store in
                try store.accountData.set(
                    StoredAccountData(user: alice, room: nil, type: EventType(text), content: [:], position: StreamPosition(1)))
            }
        ),
        (
            "a device's transaction",
            { text, store in
                try store.transactions.insert(
                    EventTransaction(device: phone, id: text), scope: "s", event: TestNames.event("$1"), at: .zero)
            }
        ),
        (
            "a transaction of messages",
            { text, store in
                _ = try store.toDevice.begin(EventTransaction(device: phone, id: text), type: "t", at: .zero)
            }
        ),
        (
            "a one-time key",
            { text, store in
                try store.oneTimeKeys.insert(StoredOneTimeKey(algorithm: "a", id: text, key: "k"), of: phone, upload: 1)
            }
        ),
        (
            "a fallback key",
            { text, store in
                try store.fallbackKeys.set(StoredOneTimeKey(algorithm: text, id: "a", key: "k"), of: phone)
            }
        ),
        (
            "a backed up session",
            { text, store in
                try store.keyBackupSessions.set(
                    BackedUpSession(firstMessageIndex: 0, forwardedCount: 0, isVerified: true, sessionData: [:]),
                    at: KeyBackupSessionsTable.Place(user: alice, version: 1, room: room, session: text))
            }
        ),
        (
            "a signature",
            { text, store in
                _ = try store.keySignatures.set(
                    KeySignature(targetUser: alice, targetKey: text, signer: alice, signingKey: "k", signature: "s"),
                    at: StreamPosition(1))
            }
        ),
        (
            "a pusher",
            { text, store in
                try store.pushers.set(
                    StoredPusher(
                        user: alice, appID: "a", pushkey: text, device: phone.device, json: [:], set: TestNames.time(1),
                        position: StreamPosition(1)))
            }
        ),
        (
            "a receipt",
            { text, store in
                let receipt = Receipt(
                    user: alice, kind: .read, event: TestNames.event("$1"), time: TestNames.time(1), thread: text)
                _ = try store.receipts.advance(
                    StoredReceipt(receipt, readUpTo: StreamPosition(1), position: StreamPosition(1)), in: room)
            }
        ),
        ("a registration token", { text, store in try store.registrationTokens.insert(text, usesAllowed: nil, expires: nil) }),
    ]

    private static func write(_ index: Int, _ text: String, in store: StoreTransaction) throws {
        try store.nested { try writes[index].write(text, store) }
    }

    @Test(
        "a name that is too long for an index, or holds U+0000, is refused alone, and what stands beside it is stored",
        arguments: writes.indices)
    func refused(index: Int) throws {
        try SQLiteFile.migrated().write { db in
            let store = StoreTransaction(db: db)
            for text in [String(repeating: "x", count: Database.mostKeyBytes + 1), "a\u{0}b"] {
                #expect(throws: StoreError.unstorable, "\(Self.writes[index].name)") { try Self.write(index, text, in: store) }
            }
            try Self.write(index, String(repeating: "x", count: 2_000), in: store)
            try store.meta.setPosition(StreamPosition(7))
            #expect(try store.meta.position() == StreamPosition(7))
        }
    }
}

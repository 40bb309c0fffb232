import Foundation
import HearthStore
import MatrixModel
import SubscriptionCore
import Testing

@testable import HearthServices

/// Epochs over a real database.
@Suite("The history that a database knows")
struct KnownHistoryTests {
    private static func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-history-\(UUID().uuidString)").path
        defer { do { try FileManager.default.removeItem(atPath: directory) } catch {} }
        try body(directory)
    }

    private static func store(_ directory: String) throws -> Store {
        try Store(directory: directory, serverName: try #require(ServerName("test")))
    }

    private static func commit(_ position: Int64, to store: Store, by history: KnownHistory) throws {
        try store.writeNow { transaction in
            try transaction.meta.setPosition(StreamPosition(position))
            try history.willReach(StreamPosition(position), in: transaction)
        }
        history.hasReached()
    }

    private static func isKnown(_ text: String, _ history: KnownHistory) throws -> Bool {
        history.point(of: try #require(ClientToken(text))) != nil
    }

    @Test("what clients hold when a database gets its first epoch stays good up to there, and no further")
    func upgrade() throws {
        try Self.withDirectory { directory in
            let store = try Self.store(directory)
            try store.writeNow { try $0.meta.setPosition(StreamPosition(100)) }
            let first = try KnownHistory.begin(in: store)
            #expect(try Self.isKnown("s100_5d3", first) && Self.isKnown("s1", first))
            try Self.commit(160, to: store, by: first)
            let second = try KnownHistory.begin(in: store)
            for history in [first, second] { #expect(try !Self.isKnown("s140", history)) }
            #expect(try Self.isKnown("s100", second))
        }
    }

    @Test("a token is good in every later start, and in none from a copy that was made before it")
    func copies() throws {
        try Self.withDirectory { directory in
            let (here, copied) = (directory + "/here", directory + "/copied")
            var store = try Self.store(here)
            let first = try KnownHistory.begin(in: store)
            try Self.commit(100, to: store, by: first)
            let before = first.token(of: SyncToken(StreamPosition(100))).description
            try store.close()
            try FileManager.default.copyItem(atPath: here, toPath: copied)

            store = try Self.store(here)
            let second = try KnownHistory.begin(in: store)
            let idle = second.token(of: SyncToken(StreamPosition(100))).description
            try Self.commit(140, to: store, by: second)
            let after = second.token(of: SyncToken(StreamPosition(140))).description
            let third = try KnownHistory.begin(in: store)
            for token in [before, idle, after] { #expect(try Self.isKnown(token, second) && Self.isKnown(token, third)) }

            let other = try KnownHistory.begin(in: Self.store(copied))
            #expect(try Self.isKnown(before, other))
            // At the same point, but of a start that the copy knows nothing of.
            for token in [idle, after] { #expect(try !Self.isKnown(token, other)) }
        }
    }

    @Test("no token is past what is committed, but one that was read from a commit that is still to be told")
    func reach() throws {
        try Self.withDirectory { directory in
            let store = try Self.store(directory)
            let history = try KnownHistory.begin(in: store)
            let token = history.token(of: SyncToken(StreamPosition(5)))
            #expect(history.point(of: token) == nil)
            try store.writeNow { try history.willReach(StreamPosition(5), in: $0) }
            #expect(history.point(of: token) != nil)
        }
    }

    @Test("on a full disk the epoch is stored with the first commit")
    func fullDisk() throws {
        try Self.withDirectory { directory in
            let store = try Self.store(directory)
            _ = try KnownHistory.begin(in: store)
            try store.limitPages(to: try store.pageCount())
            // Until no row of this size has a place, wherever its name belongs in the index.
            var failures = 0
            while failures < 40 {
                let name = String(UUID().uuidString.prefix(StreamEpoch.length))
                do { try store.writeNow { try $0.epochs.begin(name, after: .zero) } } catch StoreError.full { failures += 1 }
            }
            let count = try store.readNow { try $0.epochs.all().count }
            let history = try KnownHistory.begin(in: store)
            #expect(try store.readNow { try $0.epochs.all().count } == count, "there was no room")
            try store.limitPages(to: 100_000)
            try Self.commit(7, to: store, by: history)
            try Self.commit(8, to: store, by: history)
            #expect(try store.readNow { try $0.epochs.all().count } == count + 1)
            let token = history.token(of: SyncToken(StreamPosition(8)))
            #expect(try KnownHistory.begin(in: store).point(of: token)?.position == StreamPosition(8))
        }
    }

    @Test("a database that was made of a backup has its pushers begin at its newest position, once")
    func restored() throws {
        try Self.withDirectory { directory in
            var store = try Self.store(directory)
            let user = try #require(UserID("@a:test"))
            try store.writeNow { transaction in
                try transaction.meta.setPosition(StreamPosition(100))
                try transaction.pushers.set(
                    StoredPusher(
                        user: user, appID: "a", pushkey: "k", device: try #require(DeviceID("D")), json: [:],
                        set: MatrixTimestamp(milliseconds: 0), position: StreamPosition(90)))
            }
            func position() throws -> Int64? { try store.readNow { try $0.pushers.all().first?.position.rawValue } }
            _ = try KnownHistory.begin(in: store)
            #expect(try position() == 90)
            try store.close()
            try RestoredDatabase.mark(directory + "/hearth.db")
            store = try Self.store(directory)
            _ = try KnownHistory.begin(in: store)
            #expect(try position() == 100)
            try store.writeNow { try $0.meta.setPosition(StreamPosition(120)) }
            _ = try KnownHistory.begin(in: store)
            #expect(try position() == 100)
        }
    }
}

import Foundation
import MatrixModel
import Testing

@testable import HearthStore

@Suite("Epochs in the store")
struct EpochsTests {
    @Test("a database from before there were epochs gets none, and keeps its position")
    func migration() throws {
        let database = try SQLiteFile()
        try database.migrate(upTo: "14 the server's own time")
        try database.write { db in try db.execute(sql: "INSERT INTO meta VALUES ('position', '77')") }
        try database.migrate()
        try database.read { (db) throws in
            #expect(try StoreTransaction(db: db).epochs.all().isEmpty)
            #expect(try StoreTransaction(db: db).meta.position() == StreamPosition(77))
        }
    }

    @Test("epochs are numbered in their order, and the oldest of too many are forgotten")
    func order() async throws {
        try await withStore { store in
            try store.writeNow { transaction in
                for number in 1...3 {
                    try transaction.epochs.begin("epoch \(number)", after: StreamPosition(Int64(number) * 10))
                }
                let all = try transaction.epochs.all()
                #expect(all.map(\.number) == [1, 2, 3] && all.map(\.name) == ["epoch 1", "epoch 2", "epoch 3"])
                #expect(all.map(\.beginsAfter.rawValue) == [10, 20, 30])
                try transaction.db.execute(
                    sql: "UPDATE epochs SET number = ? WHERE number = 3", arguments: [EpochsTable.mostKept + 1])
                try transaction.epochs.begin("the last", after: StreamPosition(40))
                #expect(try transaction.epochs.all().map(\.number) == [EpochsTable.mostKept + 1, EpochsTable.mostKept + 2])
            }
        }
    }

    @Test("that a database was made of a backup is told once")
    func restored() async throws {
        try await withDirectory { directory in
            try Store(directory: directory, serverName: TestNames.server).close()
            try RestoredDatabase.mark(directory + "/hearth.db")
            let store = try Store(directory: directory, serverName: TestNames.server)
            #expect(try store.writeNow { try $0.meta.takeRestored() })
            #expect(try store.writeNow { try $0.meta.takeRestored() } == false)
        }
    }

    @Test("pushers begin at a position, or those alone that are ahead of it")
    func pushers() async throws {
        try await withStore { store in
            try store.writeNow { transaction in
                for position in [5, 50] as [Int64] {
                    try transaction.pushers.set(
                        StoredPusher(
                            user: TestNames.alice, appID: "a", pushkey: "\(position)", device: TestNames.device("D").device,
                            json: [:],
                            set: TestNames.time(0), position: StreamPosition(position)))
                }
                func positions() throws -> [Int64] { try transaction.pushers.all().map(\.position.rawValue).sorted() }
                try transaction.pushers.startLost(at: StreamPosition(20))
                #expect(try positions() == [5, 20])
                try transaction.pushers.startAll(at: StreamPosition(30))
                #expect(try positions() == [30, 30])
            }
        }
    }
}

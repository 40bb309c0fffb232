import Foundation
import MatrixModel
import Testing

@testable import HearthStore

@Suite("Opening a store")
struct OpeningTests {
    @Test("a commit is flushed to the disk before it returns, in a new store and in one opened again")
    func synchronousIsFull() async throws {
        try await withDirectory { directory in
            for _ in 0..<2 {
                let store = try Store(directory: directory, serverName: TestNames.server)
                #expect(try store.synchronousLevel() == 2)
                try await store.write { try $0.meta.setPosition(StreamPosition(1)) }
                #expect(try store.synchronousLevel() == 2, "after a write")
                try store.close()
            }
        }
    }

    @Test("the database is in write-ahead mode, so that readers never wait for the writer")
    func journalIsWriteAhead() async throws {
        try await withStore { store in
            let looker = try SQLiteFile(path: store.directory + "/hearth.db")
            let mode = try looker.read { try $0.value("PRAGMA journal_mode") as String? }
            #expect(mode == "wal")
        }
    }

    @Test("a directory has one owner at a time; the second is refused with a sentence that helps")
    func directoryIsOwned() async throws {
        try await withDirectory { directory in
            let first = try Store(directory: directory, serverName: TestNames.server)
            let refusal = #expect(throws: StoreError.locked(path: directory)) {
                _ = try Store(directory: directory, serverName: TestNames.server)
            }
            let sentence = try #require(refusal?.description)
            #expect(sentence.contains(directory) && sentence.contains("stop it first"))
            try await first.write { try $0.meta.setPosition(StreamPosition(3)) }

            try first.close()
            let second = try Store(directory: directory, serverName: TestNames.server)
            #expect(try second.readNow { try $0.meta.position() } == StreamPosition(3))
            try second.close()
        }
    }

    @Test("a store that is let go of without a word frees its directory too")
    func directoryIsFreedWithTheStore() async throws {
        try await withDirectory { directory in
            func openAndForget() throws { _ = try Store(directory: directory, serverName: TestNames.server) }
            try openAndForget()
            try openAndForget()
        }
    }

    @Test("closed and then called, a store answers with its error and nothing else happens")
    func closedStoreRefuses() async throws {
        try await withStore { store in
            try store.close()
            await #expect(throws: StoreError.self) { try await store.write { try $0.meta.setPosition(StreamPosition(1)) } }
            await #expect(throws: StoreError.self) { try await store.read { try $0.meta.position() } }
        }
    }

    @Test("a database belongs to one server name for ever; another is refused with both names, and leaves it untouched")
    func serverNameIsFixed() async throws {
        try await withDirectory { directory in
            try Store(directory: directory, serverName: TestNames.server).close()
            let refusal = #expect(throws: StoreError.otherServerName(stored: "alpha.test", given: "beta.test")) {
                _ = try Store(directory: directory, serverName: TestNames.otherServer)
            }
            let sentence = try #require(refusal?.description)
            #expect(sentence.contains("alpha.test") && sentence.contains("beta.test") && sentence.contains("--server-name"))
            try Store(directory: directory, serverName: TestNames.server).close()
        }
    }

    @Test("a database of a newer schema is refused by the server and by a reader, and is not changed")
    func newerSchemaIsRefused() async throws {
        try await withDirectory { directory in
            try Store(directory: directory, serverName: TestNames.server).close()
            let queue = try SQLiteFile(path: directory + "/hearth.db")
            let known = try queue.read { try $0.values("SELECT identifier FROM grdb_migrations") as [String] }
            try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('9 from the future')") }
            let refusal = #expect(throws: StoreError.newerSchema) {
                _ = try Store(directory: directory, serverName: TestNames.server)
            }
            #expect(refusal?.description.contains("newer version") == true)
            #expect(throws: StoreError.newerSchema) { _ = try StoreReader(directory: directory) }
            let applied = try queue.read { try $0.values("SELECT identifier FROM grdb_migrations") as [String] }
            #expect(applied == known + ["9 from the future"])
        }
    }

    @Test(
        "the data is its owner's alone: directory 0700, every file of the database 0600, also after writes and a second opening")
    func filesArePrivate() async throws {
        try await withDirectory { directory in
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
            for round in 0..<2 {
                let store = try Store(directory: directory, serverName: TestNames.server)
                try await store.write { try $0.meta.setPosition(StreamPosition(1)) }
                _ = try await store.read { try $0.meta.position() }
                #expect(try mode(of: directory) == 0o700)
                let files = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
                #expect(files == ["hearth.db", "hearth.db-shm", "hearth.db-wal", "hearth.lock"], "round \(round)")
                for file in files { #expect(try mode(of: directory + "/" + file) == 0o600, "\(file), round \(round)") }
                try store.close()
            }
        }
    }

    private func mode(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("a reader needs a database, takes no lock and sees commits of the running server")
    func readerLooksOn() async throws {
        try await withDirectory { directory in
            #expect(throws: StoreError.self) { _ = try StoreReader(directory: directory) }
            #expect(!FileManager.default.fileExists(atPath: directory))
            let store = try Store(directory: directory, serverName: TestNames.server)
            let reader = try StoreReader(directory: directory)
            try await store.write { try $0.meta.setPosition(StreamPosition(5)) }
            #expect(try reader.readNow { try $0.meta.position() } == StreamPosition(5))
            #expect(throws: StoreError.self) { try reader.readNow { try $0.meta.setPosition(StreamPosition(6)) } }
            #expect(try store.readNow { try $0.meta.position() } == StreamPosition(5))
            try store.close()
        }
    }
}

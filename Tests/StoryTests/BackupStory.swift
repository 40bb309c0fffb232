import Foundation
import HearthTestKit
import MatrixModel
import Synchronization
import Testing

/// Backups of a server that goes on working, and servers made of them.
@Suite("Backup and restore")
struct BackupStory {
    /// What the server has answered, guarded by its lock.
    private final class Acknowledged: Sendable {
        private let events = Mutex<[String]>([])

        var all: [String] { events.withLock { $0 } }
        func add(_ event: String) { events.withLock { $0.append(event) } }
    }

    @Test("nothing that was acknowledged before a backup began is missing in the server that is made of it")
    func whileWritesRun() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let room = try await alice.createRoom()
            let acknowledged = Acknowledged()
            let file = hearth.path("backup.tar")
            let (before, during) = try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        while !Task.isCancelled {
                            acknowledged.add(try await alice.sendText("message of \(writer)", to: room))
                        }
                    }
                }
                defer { group.cancelAll() }
                while acknowledged.all.count < 100 { try await Task.sleep(for: .milliseconds(5)) }
                let before = acknowledged.all
                let made = try await hearth.command(["backup", file])
                #expect(made.contains("localhost"))
                return (before, acknowledged.all.count - before.count)
            }
            #expect(during > 0, "the server went on writing")
            try await alice.putPresence("busy", statusMessage: "too late")
            #expect(try permissions(of: file) == 0o600)

            let restored = try await restore(file, as: "restored", hearth)
            defer { restored.discard() }
            let there = MatrixClient(session: alice.session) { try restored.baseURL }
            for event in before { _ = try await there.get("/rooms/\(room)/event/\(event)") }
            #expect(try await there.ownPresence()["presence"] != "busy")
            try await there.sendText("life goes on", to: room)

            let keys = try await (
                hearth.command(["room", "key"]), hearth.run(["room", "key", "--data", hearth.path("restored")])
            )
            #expect(keys.0 == keys.1.output)
        }
    }

    @Test("a backup holds the files of media that its database names and no others, unless they are left out")
    func media() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            _ = try await alice.upload(Array("a picture".utf8))
            let picture = try #require(try hearth.mediaFiles().first)
            for (path, text) in [("ab/cd/abcdef", "nobody's"), ("incoming/x", "half"), ("thumbnails/ab/cd/x-32", "small")] {
                let file = hearth.dataDirectory.appending(path: "media/\(path)")
                try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            _ = try await hearth.command(["backup", hearth.path("with.tar")])
            _ = try await hearth.command(["backup", "--no-media", hearth.path("without.tar")])
            for (name, expected) in [("with", [picture]), ("without", [])] {
                let result = try await hearth.run(["restore", hearth.path("\(name).tar"), "--data", hearth.path(name)])
                #expect(result.status == 0 && result.errors == "", "\(result)")
                #expect(try files(below: hearth.path("\(name)/media")) == expected)
            }
            let restored = hearth.path("with/media/\(picture)")
            #expect(FileManager.default.contents(atPath: restored) == Data("a picture".utf8))
            #expect(try permissions(of: restored) == 0o600)
            #expect(try permissions(of: hearth.path("with")) == 0o700)
        }
    }

    @Test("what people uploaded is served by the server that is made of a backup")
    func uploads() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let media = try await alice.upload(bytes)
            _ = try await hearth.command(["backup", hearth.path("backup.tar")])
            let restored = try await restore(hearth.path("backup.tar"), as: "restored", hearth)
            defer { restored.discard() }
            let there = MatrixClient(session: alice.session) { try restored.baseURL }
            var found: [UInt8] = []
            #expect(try await there.download(media) { found += $0 } == 200)
            #expect(found == bytes)
        }
    }

    @Test("a damaged or cut off backup makes no data directory", arguments: ["flipped", "cut", "foreign", "empty"])
    func damaged(how: String) async throws {
        try await withHearth { hearth in
            _ = try await hearth.client.register("alice")
            let file = hearth.path("backup.tar")
            _ = try await hearth.command(["backup", file])
            var bytes = try #require(FileManager.default.contents(atPath: file))
            switch how {
            case "flipped": bytes[bytes.count / 2] ^= 1
            case "cut": bytes.removeLast(4096)
            case "foreign": bytes = Data(repeating: 65, count: 10_000)
            default: bytes = Data()
            }
            try bytes.write(to: URL(filePath: file))
            let result = try await hearth.run(["restore", file, "--data", hearth.path("new")])
            #expect(result.status == 1 && result.errors.hasPrefix("hearth: "), "\(result)")
            #expect(!FileManager.default.fileExists(atPath: hearth.path("new")))
        }
    }

    @Test("nothing that is there already is overwritten, and a backup that fails leaves nothing behind")
    func careful() async throws {
        try await withHearth { hearth in
            let file = hearth.path("backup.tar")
            _ = try await hearth.command(["backup", file])
            let again = try await hearth.run(["backup", file, "--data", hearth.dataDirectory.path])
            #expect(again.status == 1 && again.errors.contains("is there already"))
            let occupied = try await hearth.run(["restore", file, "--data", hearth.dataDirectory.path])
            #expect(occupied.status == 1 && occupied.errors.contains("is not empty"))
            let nowhere = try await hearth.run(["backup", hearth.path("no/such/folder.tar"), "--data", hearth.dataDirectory.path])
            #expect(nowhere.status == 1)
            let left = try FileManager.default.contentsOfDirectory(atPath: hearth.path("")).filter { $0.contains("backup") }
            #expect(left == ["backup.tar"])
        }
    }

    @Test("an interrupted backup ends at once and leaves nothing behind")
    func interrupted() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            // So large that no backup is done before it is interrupted.
            for number in 0..<4 {
                _ = try await alice.upload(size: 50_000_000) { offset, count in
                    [UInt8](repeating: UInt8(truncatingIfNeeded: offset &+ number), count: count)
                }
            }
            let backup = try hearth.startCommand(["backup", hearth.path("backup.tar"), "--data", hearth.dataDirectory.path])
            #expect(try await soon { backup.errorOutput != "" || backup.isWriting(below: hearth.path("")) })
            backup.interrupt()
            #expect(try await backup.end(within: .seconds(10)) == 1)
            #expect(backup.errorOutput.contains("interrupted"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: hearth.path("")).allSatisfy { !$0.hasPrefix("backup") })
        }
    }

    private func files(below path: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: path).filter { name in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isDirectory) && !isDirectory.boolValue
        }.sorted()
    }

    private func restore(_ file: String, as name: String, _ hearth: HearthProcess) async throws -> HearthProcess {
        let directory = hearth.path(name)
        let result = try await hearth.run(["restore", file, "--data", directory])
        #expect(result.status == 0, "\(result)")
        let restored = try HearthProcess(arguments: ["--set", "data.directory=\(directory)"])
        try await restored.start()
        return restored
    }
}

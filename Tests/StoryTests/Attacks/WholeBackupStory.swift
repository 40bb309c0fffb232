import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// Backups while people upload, backups that are killed, and backups of what is no longer whole.
@Suite("Whole backups")
struct WholeBackupStory {
    @Test("backups beside uploads have every file that was there, and nobody waits for them")
    func besideUploads() async throws {
        try await withHearth(settings: Bystander.defaultLimits.merging(["rate_limits.enabled": "false"]) { $1 }) { hearth in
            let bystander = try await Bystander(on: hearth)
            let alice = try await hearth.client.register("alice")
            try await Self.uploads(of: alice, by: 8) { $0 < 400 }
            let before = Set(try hearth.mediaFiles().filter { !$0.hasPrefix("incoming") })
            #expect(before.count == 400)

            let (_, report) = try await bystander.whileEnduring {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await Self.uploads(of: alice, by: 6, from: 400) { _ in true } }
                    defer { group.cancelAll() }
                    for number in 0..<4 {
                        try await Task.sleep(for: .milliseconds(100))
                        _ = try await hearth.command(["backup", hearth.path("\(number).tar")])
                    }
                }
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            #expect(try hearth.mediaFiles().count > before.count + 50, "people went on uploading")
            for number in 0..<4 {
                let directory = hearth.path("restored-\(number)")
                let result = try await hearth.run(["restore", hearth.path("\(number).tar"), "--data", directory])
                #expect(result.status == 0 && result.errors == "", "\(result)")
                let files = Set(try FileManager.default.subpathsOfDirectory(atPath: "\(directory)/media"))
                #expect(before.subtracting(files).count == 0, "backup \(number)")
            }
        }
    }

    @Test("a backup that is killed leaves nothing behind, whenever that happens")
    func killed() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            for number in 0..<4 {
                _ = try await alice.upload(size: 20_000_000) { offset, count in
                    [UInt8](repeating: UInt8(truncatingIfNeeded: offset &+ number), count: count)
                }
            }
            let folder = hearth.path("backups")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            let words = ["backup", "\(folder)/backup.tar", "--data", hearth.dataDirectory.path]
            let began = ContinuousClock.now
            #expect(try await hearth.run(words).status == 0)
            let whole = ContinuousClock.now - began
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["backup.tar"])
            try FileManager.default.removeItem(atPath: "\(folder)/backup.tar")

            var kills = 0
            for step in 1...12 {
                let backup = try hearth.startCommand(words)
                try await Task.sleep(for: whole * step / 28)
                if backup.isRunning { kills += 1 }
                backup.kill()
                let left = try FileManager.default.contentsOfDirectory(atPath: folder)
                // It may have been done.
                if left == ["backup.tar"] {
                    #expect(
                        try await hearth.run(["restore", "\(folder)/backup.tar", "--data", hearth.path("r\(step)")]).status == 0)
                    try FileManager.default.removeItem(atPath: "\(folder)/backup.tar")
                } else {
                    // For an instant the copy of the database has a name: no more than that can be left, and not for long.
                    #expect(left == [] || left == ["backup.tar.\(backup.processID).db"], "killed after \(step)/28 of its time")
                }
            }
            #expect(try await hearth.run(words).status == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["backup.tar"], "the next one tidies up")
            #expect(kills > 5, "\(kills) were killed amid their work")
        }
    }

    @Test("what a killed backup left behind in its folder goes with the next one of that name")
    func leftovers() async throws {
        try await withHearth { hearth in
            let backup = try hearth.startCommand(["version"])
            _ = try await backup.end()
            let gone = backup.processID
            let running = ProcessInfo.processInfo.processIdentifier
            let names = [
                "b.tar.\(gone).part", "b.tar.\(gone).db", "b.tar.\(gone).db-wal", "b.tar.\(running).part", "c.tar.\(gone).part",
            ]
            for name in names { try Data().write(to: URL(filePath: hearth.path(name))) }
            _ = try await hearth.command(["backup", hearth.path("b.tar")])
            let left = names.filter { FileManager.default.fileExists(atPath: hearth.path($0)) }
            #expect(left == Array(names.suffix(2)), "others' files and those of who still runs stay")
        }
    }

    @Test(
        "an uploaded file that is missing, cut off or changed fails the backup by its name, and doctor and restore tell",
        arguments: ["missing", "cut", "changed"])
    func missingFile(how: String) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            _ = try await alice.upload(Array("a picture".utf8))
            let name = try #require(try hearth.mediaFiles().first)
            let file = hearth.dataDirectory.appending(path: "media/\(name)")
            let whole = try #require(FileManager.default.contents(atPath: file.path))
            #expect(try await doctor(hearth).output.contains("1 uploaded files, all of them there"))
            switch how {
            case "missing": try FileManager.default.removeItem(at: file)
            case "cut": try whole.dropLast().write(to: file)
            default: try Data("A PICTURE".utf8).write(to: file)
            }
            let failed = try await hearth.run(["backup", hearth.path("b.tar"), "--data", hearth.dataDirectory.path])
            #expect(failed.status == 1 && failed.errors.contains("media/\(name) "), "\(failed)")
            #expect(!FileManager.default.fileExists(atPath: hearth.path("b.tar")))
            _ = try await hearth.command(["backup", "--no-media", hearth.path("without.tar")])
            // Whether a file of the right size is the right one is for whoever reads it.
            let found = try await doctor(hearth)
            #expect(found.output.contains("media/\(name) ") == (how != "changed"), "\(found)")
            #expect((found.status == 1) == (how != "changed"))

            try whole.write(to: file)
            _ = try await hearth.command(["backup", hearth.path("b.tar")])
        }
    }

    @Test("a backup that lacks files, as earlier versions made them, is restored, and what it lacks is told")
    func lackingArchive() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            _ = try await alice.upload(Array("a picture".utf8))
            _ = try await hearth.command(["backup", hearth.path("b.tar")])
            let name = try #require(try hearth.mediaFiles().first)
            try Self.takeFile("media/\(name)", outOf: hearth.path("b.tar"))
            let result = try await hearth.run(["restore", hearth.path("b.tar"), "--data", hearth.path("restored")])
            #expect(result.status == 0 && result.output.contains("0 media files"), "\(result)")
            #expect(result.errors.contains("lacks 1 of 1 uploaded files") && result.errors.contains(name))
            let found = try await hearth.run(
                ["doctor", "--data", hearth.path("restored"), "--set", "listen.address=127.0.0.1:0"])
            #expect(found.status == 1 && found.output.contains("1 of 1 uploaded files are missing"), "\(found)")
        }
    }

    @Test("files that no row names are found by a thorough doctor")
    func unnamed() async throws {
        try await withHearth { hearth in
            let file = hearth.dataDirectory.appending(path: "media/ab/cd/abcdef")
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("nobody's".utf8).write(to: file)
            // One that has only come may yet get its row.
            #expect(try await !doctor(hearth, ["--thorough"]).output.contains("abcdef"))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -7200)], ofItemAtPath: file.path)
            #expect(try await doctor(hearth, ["--thorough"]).output.contains("1 files that nobody can ask for, the first"))
        }
    }

    private func doctor(_ hearth: HearthProcess, _ words: [String] = []) async throws -> CommandResult {
        let address = try hearth.baseURL.dropFirst("http://".count)
        return try await hearth.run(
            ["doctor", "--data", hearth.dataDirectory.path, "--set", "listen.address=\(address)"] + words)
    }

    /// Uploads small files, each with other bytes, for as long as their numbers pass.
    private static func uploads(
        of client: MatrixClient, by workers: Int, from first: Int = 0, while goesOn: @escaping @Sendable (Int) -> Bool
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<workers {
                group.addTask {
                    var number = first + worker
                    while goesOn(number), !Task.isCancelled {
                        _ = try await client.upload(Array("file \(number)".utf8))
                        number += workers
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Rewrites an archive without one of its files, its list of hashes included.
    private static func takeFile(_ name: String, outOf archive: String) throws {
        let bytes = [UInt8](try #require(FileManager.default.contents(atPath: archive)))
        var (kept, offset) = ([UInt8](), 0)
        while offset + 512 <= bytes.count, bytes[offset] != 0 {
            let header = bytes[offset..<offset + 512]
            let part = String(decoding: header.prefix(100).prefix { $0 != 0 }, as: UTF8.self)
            let digits = header.dropFirst(124).prefix(11)
            let size = try #require(Int(String(decoding: digits, as: UTF8.self), radix: 8))
            let end = offset + 512 + (size + 511) / 512 * 512
            if part == "SHA256SUMS" {
                let list = String(decoding: bytes[offset + 512..<offset + 512 + size], as: UTF8.self)
                let lines = list.split(separator: "\n").filter { !$0.hasSuffix("  \(name)") }
                let text = Array(lines.map { "\($0)\n" }.joined().utf8)
                kept +=
                    resized(Array(header), to: text.count) + text + [UInt8](repeating: 0, count: (512 - text.count % 512) % 512)
            } else if part != name {
                kept += bytes[offset..<end]
            }
            offset = end
        }
        try Data(kept + [UInt8](repeating: 0, count: 1024)).write(to: URL(filePath: archive))
    }

    private static func resized(_ header: [UInt8], to size: Int) -> [UInt8] {
        var header = header
        let octal = String(size, radix: 8)
        header.replaceSubrange(124..<135, with: Array((String(repeating: "0", count: 11 - octal.count) + octal).utf8))
        header.replaceSubrange(148..<156, with: [UInt8](repeating: 32, count: 8))
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        header.replaceSubrange(148..<156, with: Array((String(repeating: "0", count: 6 - sum.count) + sum).utf8) + [0, 32])
        return header
    }
}

import Foundation
import HearthStore
import Logging
import MatrixModel
import MediaCore
import TestSupport
import Testing

@testable import HearthMedia
@testable import HearthRuntime
@testable import HearthServices

@Suite("What is kept of uploads")
struct MediaTests {
    private struct Whole: UploadBody {
        let bytes: [UInt8]

        struct AsyncIterator: AsyncIteratorProtocol {
            var rest: [UInt8]?

            mutating func next() async throws -> [UInt8]? {
                defer { rest = nil }
                return rest
            }
        }

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: bytes) }
    }

    private static func upload(_ text: String, announced: Int? = nil) -> Upload<Whole> {
        Upload(body: Whole(bytes: Array(text.utf8)), announcedSize: announced, contentType: "text/plain", fileName: nil)
    }

    private static func media(_ fixture: ServiceFixture, _ settings: MediaSettings = MediaSettings()) throws -> MediaService {
        try fixture.assembly.media(settings, timeouts: Timeouts(clock: fixture.clock), thumbnailer: "")
    }

    @Test("an id without content ends after a day, and is purged; one with content stays")
    func expiry() async throws {
        try await ServiceFixture.with { fixture in
            let alice = try await fixture.makeUser("alice").user
            let media = try Self.media(fixture)
            let (kept, _) = try await media.createUnused(for: alice)
            let (lost, expires) = try await media.createUnused(for: alice)
            #expect(expires == fixture.clock.now().wall.advanced(by: .seconds(24 * 3600)))
            try await media.upload(Self.upload("kept"), to: kept, of: alice)
            fixture.clock.advanceWall(by: .seconds(24 * 3600) - .milliseconds(1))
            await #expect(throws: MediaError.notYetUploaded) {
                try await media.download(lost, wait: .zero, for: WorkOwner(alice), connection: LastingConnection())
            }
            fixture.clock.advanceWall(by: .milliseconds(1))
            for _ in 0..<2 {
                await #expect(throws: MediaError.notFound) {
                    try await media.download(lost, wait: .zero, for: WorkOwner(alice), connection: LastingConnection())
                }
                await #expect(throws: MediaError.notFound) { try await media.upload(Self.upload("late"), to: lost, of: alice) }
                let content = try await media.download(kept, wait: .zero, for: WorkOwner(alice), connection: LastingConnection())
                #expect(try await content.file.read(at: 0, count: 99) == Array("kept".utf8))
                try await fixture.assembly.purge(PurgeSettings()).purge()
            }
            let unused = try await fixture.store.read { try $0.media.media(lost.id, at: MatrixTimestamp(milliseconds: 0)) }
            #expect(unused == nil)
        }
    }

    @Test("an upload that is shorter or longer than it said is refused and leaves nothing", arguments: [3, 5])
    func lyingSize(announced: Int) async throws {
        try await ServiceFixture.with { fixture in
            let alice = try await fixture.makeUser("alice").user
            let media = try Self.media(fixture)
            await #expect(throws: MediaError.brokenOff) {
                try await media.upload(Self.upload("four", announced: announced), of: alice)
            }
            let left = try FileManager.default.subpathsOfDirectory(atPath: media.files.root)
            #expect(left.sorted() == ["incoming", "thumbnails"])
        }
    }

    @Test("a shutdown ends the wait for content that is to come")
    func shutdown() async throws {
        try await ServiceFixture.with { fixture in
            let alice = try await fixture.makeUser("alice").user
            let media = try Self.media(fixture)
            let (uri, _) = try await media.createUnused(for: alice)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: MediaError.shuttingDown) {
                        try await media.download(uri, wait: .seconds(60), for: WorkOwner(alice), connection: LastingConnection())
                    }
                }
                try await fixture.eventually("the request waits") { media.waitingCount == 1 }
                media.shutDown()
                try await group.waitForAll()
            }
            #expect(media.waitingCount == 0)
            await #expect(throws: MediaError.shuttingDown) {
                try await media.download(uri, wait: .seconds(60), for: WorkOwner(alice), connection: LastingConnection())
            }
        }
    }

    @Test("a failed upload takes its file away, unless another with the same content keeps it, in whatever order they end")
    func placements() throws {
        let hash = try #require(ContentHash([UInt8](repeating: 1, count: 32)))
        // Whether each of two that overlap is kept, and whether either end removes the file.
        for (first, second, wasThere) in [
            (false, false, false), (true, false, false), (false, true, false), (true, true, false), (false, false, true),
        ] {
            var placements = Placements()
            placements.begin(hash, isKept: wasThere)
            placements.begin(hash, isKept: true)
            let removals = [placements.end(hash, isKept: first), placements.end(hash, isKept: second)]
            #expect(removals == [false, !first && !second && !wasThere])
        }
    }

    @Test("who waits for the turn of a thumbnail holds no file: others still get theirs")
    func waitingThumbnails() async throws {
        try await ServiceFixture.with { fixture in
            let alice = try await fixture.makeUser("alice").user
            let place = FileManager.default.temporaryDirectory.appending(path: "waits-\(UUID().uuidString)").path
            defer { for path in [place, place + "-go"] { try? FileManager.default.removeItem(atPath: path) } }
            try Data("#!/bin/sh\nwhile [ ! -e \(place)-go ]; do sleep 0.05; done\n".utf8).write(to: URL(filePath: place))
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: place)
            let media = try fixture.assembly.media(
                MediaSettings(), timeouts: Timeouts(clock: fixture.clock), thumbnailer: place, mostOpenFiles: 6)
            var uris: [MediaURI] = []
            for number in 0..<12 {
                let head: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
                let upload = Upload(
                    body: Whole(bytes: head + [0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, UInt8(number)]), announcedSize: nil,
                    contentType: "image/png", fileName: nil)
                uris.append(try await media.upload(upload, of: alice))
            }
            await withTaskGroup(of: Void.self) { group in
                for uri in uris {
                    group.addTask {
                        do {
                            _ = try await media.thumbnail(
                                of: uri, size: ThumbnailSize.all[0], wait: .zero, for: WorkOwner(alice),
                                connection: LastingConnection())
                            Issue.record("that is no image")
                        } catch {
                            #expect(error as? MediaError == .noThumbnail)
                        }
                    }
                    do { try await Task.sleep(for: .milliseconds(30)) } catch {}
                }
                for uri in uris {
                    do {
                        _ = try await media.download(uri, wait: .zero, for: WorkOwner(alice), connection: LastingConnection())
                    } catch {
                        Issue.record("\(error)")
                    }
                }
                _ = FileManager.default.createFile(atPath: place + "-go", contents: nil)
            }
        }
    }

    @Test("a program that hangs is killed when its time is over")
    func hangingProgram() throws {
        let program = FileManager.default.temporaryDirectory.appending(path: "hangs-\(UUID().uuidString)").path
        try Data("#!/bin/sh\nwhile :; do :; done\n".utf8).write(to: URL(filePath: program))
        defer { do { try FileManager.default.removeItem(atPath: program) } catch {} }
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
        let original = open("/dev/null", O_RDONLY)
        defer { close(original) }
        let started = ContinuousClock.now
        let outcome = ThumbnailerProcess.run(program, size: ThumbnailSize.all[0], original: original, within: .milliseconds(100))
        #expect(outcome == .failed("it took too long"))
        #expect(ContinuousClock.now - started < .seconds(5))
    }
}

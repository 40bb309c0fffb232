import Foundation
import HearthTestKit
import MatrixModel
import MediaCore
import Testing

@Suite("Thumbnails")
struct ThumbnailStory {
    @Test("every format gives thumbnails of the sizes that there are, never enlarged, upright, PNG where one can see through")
    func formats() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let large = TestImages.png(width: 1000, height: 500)
            for (bytes, query, format, width, height) in [
                (TestImages.jpeg, "width=10&height=10&method=crop", ImageFormat.jpeg, 24, 24),
                (TestImages.jpeg, "width=800&height=600&method=scale", .jpeg, 48, 24),
                (Array(TestImages.turnedJPEG), "width=320&height=240", .jpeg, 24, 48),
                (TestImages.webp, "width=320&height=240", .jpeg, 48, 24),
                (TestImages.gif, "width=320&height=240&animated=true", .png, 48, 24),
                (large, "width=32&height=32&method=crop", .jpeg, 32, 32),
                (large, "width=96&height=40&method=crop", .jpeg, 96, 96),
                (large, "width=97&height=97&method=crop", .jpeg, 320, 160),
                (large, "width=1&height=1&animated=false", .jpeg, 320, 160),
                (large, "width=321&height=1", .jpeg, 640, 320), (large, "width=5000&height=5000", .jpeg, 800, 400),
            ] {
                // What the uploader says of the type is not asked.
                let media = try await alice.upload(bytes, contentType: "text/plain")
                let answer = try await alice.file("GET", "/_matrix/client/v1/media/thumbnail/\(raw: media)?\(raw: query)")
                #expect(answer.status == 200, "\(query): \(answer.text.prefix(200))")
                guard case .image(let header) = ImageHeader.read(answer.bytes) else {
                    Issue.record("no image for \(query)")
                    continue
                }
                #expect(header.format == format, "\(query)")
                #expect(header.width == width && header.height == height, "\(query): \(header)")
                #expect(answer.header("Content-Type") == format.contentType)
                #expect(answer.header("Content-Disposition") == "inline; filename=\"thumbnail.\(format.fileExtension)\"")
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
            }
            #expect(try hearth.children().isEmpty)
        }
    }

    @Test("many requests for one thumbnail make it once, and it is kept")
    func once() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let media = try await alice.upload(TestImages.png(width: 1200, height: 900))
            let path: MatrixPath = "/_matrix/client/v1/media/thumbnail/\(raw: media)?width=640&height=480"
            let answers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<30 { group.addTask { try await alice.file("GET", path).bytes } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(answers.count == 1)
            #expect(ImageFormat(sniffing: answers.first ?? []) == .jpeg)
            #expect(try hearth.mediaFiles().filter { $0.hasPrefix("thumbnails/") }.count == 1)
            // Without the program it is still there.
            try await hearth.restart()
            #expect(try await alice.file("GET", path).bytes == answers.first)
        }
    }

    @Test("files that claim too much, break off or are no images get a Matrix error, and the server goes on")
    func bombs() async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            var random = SystemRandomNumberGenerator()
            let noise = (0..<10_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            let png = TestImages.png(width: 200, height: 200)
            for (name, bytes, status, code) in [
                (
                    "a claim of 30000 by 30000", TestImages.png(width: 5, height: 5, claiming: (30_000, 30_000)), 413,
                    "M_TOO_LARGE"
                ),
                (
                    "a claim of 2^31", TestImages.png(width: 5, height: 5, claiming: (0x7FFF_FFFF, 0x7FFF_FFFF)), 413,
                    "M_TOO_LARGE"
                ),
                ("a claim that is just allowed", TestImages.png(width: 5, height: 5, claiming: (7000, 7000)), 400, "M_UNKNOWN"),
                ("a JPEG without its picture", Array(TestImages.jpeg.prefix(400)), 400, "M_UNKNOWN"),
                ("a PNG without its end", Array(png.prefix(5000)), 400, "M_UNKNOWN"),
                ("a GIF without its picture", Array(TestImages.gif.prefix(30)), 400, "M_UNKNOWN"),
                ("a WebP without its picture", Array(TestImages.webp.prefix(60)), 400, "M_UNKNOWN"),
                ("noise", noise, 400, "M_UNKNOWN"),
                ("noise that begins like a PNG", Array(png.prefix(33)) + noise, 400, "M_UNKNOWN"),
                ("noise that begins like a JPEG", [0xFF, 0xD8, 0xFF, 0xE0] + noise, 400, "M_UNKNOWN"),
                ("nothing", [], 400, "M_UNKNOWN"),
                ("a vector image", Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), 400, "M_UNKNOWN"),
            ] as [(String, [UInt8], Int, String)] {
                let media = try await alice.upload(bytes, contentType: "image/png")
                for _ in 0..<2 {
                    let answer = try await alice.request(
                        "GET", "/_matrix/client/v1/media/thumbnail/\(raw: media)?width=96&height=96&method=crop")
                    #expect(answer.status == status, "\(name)")
                    #expect(answer.errorCode == code, "\(name)")
                }
                let whole = try await alice.file("GET", "/_matrix/client/v1/media/download/\(raw: media)")
                #expect(whole.bytes == bytes, "\(name)")
            }
            let media = try await alice.upload(png)
            #expect(
                try await alice.file("GET", "/_matrix/client/v1/media/thumbnail/\(raw: media)?width=9&height=9").status == 200)
            #expect(try hearth.children().isEmpty)
            #expect(try hearth.mediaFiles().filter { $0.hasPrefix("incoming/") }.isEmpty)
        }
    }

    @Test(
        "whatever becomes of the program that makes thumbnails, the request is answered and no child is left",
        arguments: [
            "kill -9 $$", "kill -SEGV $$", "exit 3", "echo garbage", "cat", "head -c 9000000 /dev/zero", "exec 1>&-; sleep 60",
        ])
    func brokenProgram(script: String) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "thumbnailer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(at: directory) } catch {} }
        let program = directory.appending(path: "program").path
        try Data("#!/bin/sh\nPATH=/usr/bin:/bin\n\(script)\n".utf8).write(to: URL(filePath: program))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
        try await withHearth(settings: ["media.thumbnailer": program]) { hearth in
            let alice = try await hearth.client.register("alice")
            let media = try await alice.upload(TestImages.png(width: 1000, height: 1000))
            for _ in 0..<2 {
                let answer = try await alice.request("GET", "/_matrix/client/v1/media/thumbnail/\(raw: media)?width=96&height=96")
                #expect(answer.status == 400)
                #expect(answer.errorCode == "M_UNKNOWN")
            }
            #expect(try await soon { try hearth.children().isEmpty })
            #expect(try hearth.mediaFiles().count == 1)
        }
    }

    @Test("without the program there are no thumbnails, and the operator is told")
    func noProgram() async throws {
        try await withHearth(settings: ["media.thumbnailer": "/nonexistent/program"]) { hearth in
            let alice = try await hearth.client.register("alice")
            let media = try await alice.upload(TestImages.jpeg)
            let answer = try await alice.request("GET", "/_matrix/client/v1/media/thumbnail/\(raw: media)?width=96&height=96")
            #expect(answer.status == 400)
            #expect(answer.errorCode == "M_UNKNOWN")
            #expect(hearth.errorOutput.contains("media.thumbnailer"))
        }
    }
}

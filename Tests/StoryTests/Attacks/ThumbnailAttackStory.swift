import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// Pictures that take long, against everybody else's.
@Suite("Attacks through thumbnails")
struct ThumbnailAttackStory {
    /// A program that makes thumbnails, a second late.
    private static func slowProgram(in directory: URL) throws -> String {
        let program = directory.appending(path: "program").path
        let real = URL(filePath: try BuiltBinary.path()).deletingLastPathComponent().appending(path: "hearth-thumbnail").path
        let script = "#!/bin/sh\nPATH=/usr/bin:/bin\nsleep 1\nexec '\(real)' \"$@\"\n"
        try Data(script.utf8).write(to: URL(filePath: program))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
        return program
    }

    @Test("thirty thumbnails that one user asks for at once delay nobody else's by more than one of them")
    func queue() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "thumbnailer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(at: directory) } catch {} }
        let settings = Bystander.defaultLimits.merging(["media.thumbnailer": try Self.slowProgram(in: directory)]) { $1 }
        try await withHearth(settings: settings) { hearth in
            let bystander = try await Bystander(on: hearth)
            let alice = try await hearth.client.register("alice")
            let mallory = try await hearth.client.register("mallory")
            let (whose, shared) = (
                try await alice.upload(TestImages.png(width: 300, height: 200)),
                try await mallory.upload(TestImages.png(width: 200, height: 200))
            )
            var attacks: [String] = []
            for number in 0..<6 { attacks.append(try await mallory.upload(TestImages.png(width: 900 + number, height: 700))) }
            let sizes = ["width=32&height=32&method=crop", "width=96&height=96&method=crop", "width=320&height=240"]
            let queries = sizes + ["width=640&height=480", "width=800&height=600"]
            let asked = attacks.flatMap { media in queries.map { "\(media)?\($0)" } } + ["\(shared)?\(sizes[0])"]

            let (waits, report) = try await bystander.whileEnduring { [attacks = asked] in
                try await withThrowingTaskGroup(of: Duration?.self) { group in
                    for path in attacks {
                        group.addTask {
                            _ = try await mallory.file("GET", "/_matrix/client/v1/media/thumbnail/\(raw: path)")
                            return nil
                        }
                    }
                    try await Task.sleep(for: .milliseconds(300))
                    for path in ["\(whose)?\(sizes[0])", "\(shared)?\(sizes[0])"] {
                        group.addTask {
                            let begin = ContinuousClock.now
                            let answer = try await alice.file("GET", "/_matrix/client/v1/media/thumbnail/\(raw: path)")
                            #expect(answer.status == 200)
                            return ContinuousClock.now - begin
                        }
                    }
                    var waits: [Duration] = []
                    while waits.count < 2, let wait = try await group.next() { if let wait { waits.append(wait) } }
                    // The rest of the attack is nobody's concern: it takes as long as it takes.
                    group.cancelAll()
                    do { try await group.waitForAll() } catch is CancellationError {}
                    return waits
                }
            }
            #expect(report.faults == [])
            #expect(report.p99 < Bystander.patience, "\(report.summary)")
            #expect(waits.count == 2)
            // A second for each of the two, one for the child that may be on its way, and some for a busy machine.
            #expect(waits.allSatisfy { $0 < .seconds(5) }, "\(waits)")
            try await hearth.restart()
            #expect(
                try await alice.file("GET", "/_matrix/client/v1/media/thumbnail/\(raw: whose)?\(raw: sizes[0])").status == 200)
        }
    }
}

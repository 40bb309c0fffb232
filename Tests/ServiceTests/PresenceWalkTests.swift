import Foundation
import MatrixModel
import Testing

/// From facts about devices to what watchers have seen, over a real store, at random.
@Suite("Walks from devices to watchers")
struct PresenceWalkTests {
    static let isSoak = ProcessInfo.processInfo.environment["HEARTH_SOAK"] == "1"
    /// Steps of all walks together: 60,000, which take about 20 s unoptimized, or 300,000.
    static let steps = isSoak ? 1_000_000 : 100_000
    static let walks = 3

    @Test("every watcher ends with what was published last", .timeLimit(.minutes(30)), arguments: 0..<walks)
    func watchersAgree(number: Int) throws {
        // A failed walk is walked again with HEARTH_SEED.
        let given = ProcessInfo.processInfo.environment["HEARTH_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0...UInt64(UInt32.max))
        print("walk \(number): HEARTH_SEED=\(seed), \(Self.steps / Self.walks) steps")
        let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-walk-\(UUID().uuidString)").path
        defer { removeWalkDirectory(directory) }
        var walk = try PresenceWalk(seed: seed, directory: directory)
        for step in 0..<Self.steps / Self.walks {
            let fact = try walk.step()
            if let fault = walk.fault {
                Issue.record("seed \(seed), step \(step), after \(fact): \(fault)")
                return
            }
        }
        try walk.settle()
        #expect(walk.fault == nil, "seed \(seed), at the end")
        let enough = Self.steps / Self.walks / 20
        #expect(
            walk.publications > enough && walk.deliveries > enough, "seed \(seed): a walk in which little happens shows little")
    }
}

private func removeWalkDirectory(_ directory: String) {
    do {
        try FileManager.default.removeItem(atPath: directory)
    } catch {
        FileHandle.standardError.write(Data("cannot remove \(directory): \(error)\n".utf8))
    }
}

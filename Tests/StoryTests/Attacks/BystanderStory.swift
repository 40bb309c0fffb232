import HearthTestKit
import MatrixModel
import Testing

/// The measure itself: a bystander of nothing waits for nothing, and one whose server stands still says so.
@Suite("Bystanders")
struct BystanderStory {
    @Test("a bystander of nothing waits for nothing, and notices when the server stands still")
    func measure() async throws {
        try await withHearth(settings: Bystander.defaultLimits) { hearth in
            let bystander = try await Bystander(on: hearth)
            let (_, quiet) = try await bystander.whileEnduring(rounds: 20) {}
            #expect(quiet.faults == [])
            #expect(quiet.p99 < Bystander.patience, "\(quiet.summary)")

            let (_, halted) = try await bystander.whileEnduring { try await hearth.halt(for: .milliseconds(1_500)) }
            #expect(halted.p99 > Bystander.patience, "\(halted.summary)")
        }
    }
}

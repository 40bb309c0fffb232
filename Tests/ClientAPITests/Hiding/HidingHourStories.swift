import MatrixModel
import Testing

/// A user who begins to appear offline, and one whose last device is logged out at that moment: everything that anybody else can get is
/// equal for an hour, to the byte.
///
/// Both are the same user at the same time, each on a server of its own, so that names and times are equal; ids and tokens are made alike.
/// One thing that a log-out does is no presence: the device is gone from the user's list of devices, which others are told of for the sake of
/// encryption. So the hidden user has a device more, and logs out one at that moment, too: then the lists tell the same.
@Suite("For an hour hiding looks like logging out, whatever is asked")
struct HidingHourStories {
    @Test("every answer that others get is equal", arguments: HidingHour.Before.allCases, [true, false])
    func anHour(before: HidingHour.Before, isMarked: Bool) async throws {
        let gone = try await HidingHour.run(before, ending: .logsOut)
        let hidden = try await HidingHour.run(before, ending: .hides(isMarked: isMarked))
        #expect(gone.count == hidden.count)
        var shown = 0
        for (gone, hidden) in zip(gone, hidden) where gone != hidden && shown < 5 {
            shown += 1
            Issue.record("\(gone.second) s, \(gone.question): logged out\n\(gone.answer)\nhidden\n\(hidden.answer)")
        }
        // The stories are about something.
        #expect(gone.contains { $0.answer.contains(#""presence":"offline""#) })
        #expect(gone.contains { $0.question == "held" && $0.answer.contains("profile_updates") } == (before == .onCall))
        let pushes = try #require(gone.last { $0.question == "pushes" })
        #expect(pushes.answer == "1")
    }
}

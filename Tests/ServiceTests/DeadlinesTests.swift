import MatrixModel
import Testing

@testable import HearthRuntime
@testable import HearthServices

struct DeadlinesTests {
    private func time(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    @Test("each value is due once, at its time rounded up to the tick and not before")
    func due() {
        var deadlines = Deadlines<String>()
        _ = deadlines.insert("later", at: time(20))
        _ = deadlines.insert("soon", at: time(7))
        #expect(deadlines.next == time(10))
        #expect(deadlines.takeDue(by: time(9)).isEmpty)
        #expect(deadlines.takeDue(by: time(10)) == ["soon"])
        #expect(deadlines.takeDue(by: time(19)).isEmpty)
        #expect(deadlines.takeDue(by: time(500)) == ["later"])
        #expect(deadlines.takeDue(by: time(500)).isEmpty)
        #expect(deadlines.next == nil)
    }

    @Test("what was taken back is not due, and taking back what was due does nothing")
    func takenBack() {
        var deadlines = Deadlines<Int>()
        let first = deadlines.insert(1, at: time(10))
        let second = deadlines.insert(2, at: time(10))
        deadlines.remove(first)
        #expect(deadlines.count == 1)
        #expect(deadlines.takeDue(by: time(10)) == [2])
        deadlines.remove(second)
        #expect(deadlines.count == 0)
    }

    @Test("the ends of time are times like others")
    func ends() {
        var deadlines = Deadlines<Int>()
        _ = deadlines.insert(1, at: MonotonicTime(nanoseconds: .max))
        _ = deadlines.insert(2, at: MonotonicTime(nanoseconds: .min))
        #expect(deadlines.takeDue(by: time(0)) == [2])
        #expect(deadlines.count == 1)
    }

    @Test("over a random walk, the same values are due as in a plain list", arguments: 1...20 as ClosedRange<UInt64>)
    func walk(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var deadlines = Deadlines<Int>()
        var model: [Int: (due: Int64, ticket: DeadlineTicket)] = [:]
        var now: Int64 = 0
        for step in 0..<2_000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let due = now + Int64.random(in: 0...400, using: &random)
                model[step] = ((due + 4) / 5 * 5, deadlines.insert(step, at: time(due)))
            case 5..<8:
                guard let (value, entry) = model.randomElement(using: &random) else { continue }
                deadlines.remove(entry.ticket)
                model[value] = nil
            default:
                now += Int64.random(in: 0...60, using: &random)
                let expected = model.filter { $0.value.due <= now }
                #expect(Set(deadlines.takeDue(by: time(now))) == Set(expected.keys))
                for value in expected.keys { model[value] = nil }
            }
            #expect(deadlines.count == model.count)
        }
    }
}

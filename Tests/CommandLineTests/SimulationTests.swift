import HearthClient
import Testing

@testable import hearth

@Suite("The simulated household")
struct SimulationTests {
    private let simulation = Simulation(residents: Household.residents(40, seed: 7), seed: 7)

    @Test(
        "the demo warns where others can reach it, and nowhere else",
        arguments: [
            ("127.0.0.1:8018", false), ("localhost:0", false), ("[::1]:8018", false), ("127.8.9.1:1", false),
            ("0.0.0.0:8018", true),
            ("[::]:8018", true), ("192.168.1.2:8018", true), ("demo.example.org:8018", true),
        ])
    func warning(address: String, warns: Bool) {
        #expect((DemoCommand.warning(about: address) != nil) == warns)
    }

    @Test("the same seed makes the same days, another one others")
    func seeds() {
        let again = Simulation(residents: Household.residents(40, seed: 7), seed: 7)
        let other = Simulation(residents: Household.residents(40, seed: 8), seed: 8)
        for day in 0..<8 {
            #expect(simulation.acts(ofDay: day) == again.acts(ofDay: day))
            #expect(simulation.acts(ofDay: day) != other.acts(ofDay: day))
            #expect(simulation.acts(ofDay: day).map(\.act) != simulation.acts(ofDay: day + 1).map(\.act))
        }
    }

    @Test("forty people have forty names, and every habit has somebody")
    func residents() {
        #expect(Set(simulation.residents.map(\.localpart)).count == 40)
        #expect(simulation.residents.allSatisfy { $0.localpart.utf8.allSatisfy { $0 == 0x2E || (0x61...0x7A).contains($0) } })
        #expect(Set(simulation.residents.map(\.habit)).count == Habit.allCases.count)
        #expect(Household.residents(3, seed: 7).map(\.name) == simulation.residents.prefix(3).map(\.name))
    }

    @Test("acts come in order, inside their day, and everybody acts on every day")
    func order() {
        for day in 0..<14 {
            let acts = simulation.acts(ofDay: day)
            #expect(zip(acts, acts.dropFirst()).allSatisfy { $0.minute <= $1.minute })
            #expect(acts.allSatisfy { (day * 1440..<(day + 1) * 1440).contains($0.minute) })
            #expect(Set(acts.map(\.resident)).count == 40)
        }
    }

    @Test("statuses fit a status, and lengths are positive")
    func statuses() {
        for planned in (0..<14).flatMap({ simulation.acts(ofDay: $0) }) {
            if case .status(let emoji, let text, let lasts) = planned.act {
                #expect(emoji.utf8.count <= 32 && text.utf8.count <= 256 && (lasts ?? 1) > 0)
            }
            if case .choose(_, let lasts) = planned.act { #expect((lasts ?? 1) > 0) }
        }
    }

    @Test("most sleep at four in the morning, most are up at eleven")
    func believable() {
        func up(at minute: Int) -> Int {
            Set(
                simulation.standing(at: minute).compactMap { planned in
                    if case .use(_, let use) = planned.act, use != .off { planned.resident } else { nil }
                }
            ).count
        }
        #expect(up(at: 4 * 60) <= 8)
        #expect(up(at: 11 * 60) >= 32)
    }

    @Test("who joins in the middle of a day finds what still holds, cut to what is left")
    func standing() {
        let minute = 11 * 60
        for planned in simulation.standing(at: minute) {
            #expect(planned.minute == minute)
            if case .choose(_, let lasts?) = planned.act { #expect(lasts > 0) }
        }
        let lunch = PlannedAct(minute: 700, resident: 0, act: .status(emoji: "🍜", text: "lunch", lasts: 40))
        #expect(lunch.cut(to: 710) == PlannedAct(minute: 710, resident: 0, act: .status(emoji: "🍜", text: "lunch", lasts: 30)))
        #expect(lunch.cut(to: 740) == nil)
        let forEver = PlannedAct(minute: 1, resident: 0, act: .choose(.busy, lasts: nil))
        #expect(forEver.cut(to: 100)?.act == .choose(.busy, lasts: nil))
    }

    @Test("simulated time passes so many times as fast")
    func clock() {
        let clock = SimulatedClock(startMinute: 420, speed: 60)
        #expect(clock.delay(until: 480) == .seconds(60))
        #expect(clock.delay(until: 100) == .zero)
        #expect(clock.real(minutes: 30) == .seconds(30))
        #expect(SimulatedClock.text(1440 + 425) == "07:05")
    }
}

/// The days of a household, one after the other, as one stream of acts.
struct Simulation: Sendable {
    let residents: [Resident]
    let seed: UInt64

    /// All acts of one day, in the order of time.
    func acts(ofDay day: Int) -> [PlannedAct] {
        residents.flatMap { DayPlan.acts(of: $0, day: day, seed: seed) }
            .sorted { ($0.minute, $0.resident) < ($1.minute, $1.resident) }
    }

    /// What must be done so that the household is as it would be at this minute of the first day: the last use of each device, and
    /// statuses and choices that still hold, cut to what is left of them.
    func standing(at minute: Int) -> [PlannedAct] {
        var uses: [Key: PlannedAct] = [:]
        var statuses: [Int: PlannedAct] = [:]
        var choices: [Int: PlannedAct] = [:]
        for planned in acts(ofDay: 0) where planned.minute < minute {
            switch planned.act {
            case .use(let gadget, _): uses[Key(resident: planned.resident, gadget: gadget)] = planned
            case .status, .statusCleared: statuses[planned.resident] = planned
            case .choose, .automatic: choices[planned.resident] = planned
            }
        }
        return (Array(uses.values) + Array(statuses.values) + Array(choices.values))
            .compactMap { $0.cut(to: minute) }
            .sorted { ($0.resident, "\($0.act)") < ($1.resident, "\($1.act)") }
    }

    private struct Key: Hashable {
        let resident: Int
        let gadget: Gadget
    }
}

extension PlannedAct {
    /// The act as if it happened at this later minute; nil when nothing of it is left.
    func cut(to minute: Int) -> PlannedAct? {
        func left(_ lasts: Int?) -> Int?? {
            guard let lasts else { return .some(nil) }
            let left = self.minute + lasts - minute
            return left > 0 ? .some(left) : nil
        }
        switch act {
        case .use: return PlannedAct(minute: minute, resident: resident, act: act)
        case .status(let emoji, let text, let lasts):
            guard let left = left(lasts) else { return nil }
            return PlannedAct(minute: minute, resident: resident, act: .status(emoji: emoji, text: text, lasts: left))
        case .choose(let presence, let lasts):
            guard let left = left(lasts) else { return nil }
            return PlannedAct(minute: minute, resident: resident, act: .choose(presence, lasts: left))
        case .statusCleared, .automatic: return nil
        }
    }
}

/// Simulated time: so many times as fast as the clock on the wall.
struct SimulatedClock: Sendable {
    let startMinute: Int
    let speed: Double

    /// How long after the start this minute comes.
    func delay(until minute: Int) -> Duration {
        .milliseconds(Int64(Double(max(0, minute - startMinute)) * 60_000 / speed))
    }

    /// A length of simulated time as it passes in reality.
    func real(minutes: Int) -> Duration { .milliseconds(Int64(Double(minutes) * 60_000 / speed)) }

    /// `07:05`.
    static func text(_ minute: Int) -> String {
        let (hour, minute) = (minute / 60 % 24, minute % 60)
        return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }
}

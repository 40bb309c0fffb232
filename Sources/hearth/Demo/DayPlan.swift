import HearthClient

/// A device of a person.
enum Gadget: Sendable, Hashable, CaseIterable {
    case phone, laptop
}

/// What a device says of its user.
enum GadgetUse: Sendable, Equatable {
    /// Somebody is looking at it.
    case used
    /// In a pocket, or on a desk without anybody.
    case aside
    case onCall
    case off

    /// `set_presence` of its syncs; nil where it does not sync.
    var claim: String? {
        switch self {
        case .used: "online"
        case .aside: "unavailable"
        case .onCall: "busy"
        case .off: nil
        }
    }
}

/// What a person of the household does. Lengths are minutes of their day; nil is without an end.
enum Act: Sendable, Equatable {
    case use(Gadget, GadgetUse)
    case status(emoji: String, text: String, lasts: Int?)
    case statusCleared
    case choose(ShownPresence, lasts: Int?)
    case automatic
}

/// An act, and when it happens: minutes after the midnight in which the simulation's first day begins.
struct PlannedAct: Sendable, Equatable {
    let minute: Int
    let resident: Int
    let act: Act
}

/// One day of one person. The same seed makes the same day.
enum DayPlan {
    static let minutesOfDay = 1440

    /// The acts of a day in the order of time.
    static func acts(of resident: Resident, day: Int, seed: UInt64) -> [PlannedAct] {
        let mixed = seed &+ UInt64(resident.number) &* 0x1_0000 &+ UInt64(day) &* 0x1_0000_0000
        var builder = DayBuilder(generator: SeededGenerator(seed: mixed))
        let isWeekend = day % 7 >= 5
        switch resident.habit {
        case .office: isWeekend ? builder.dayOff() : builder.officeDay()
        case .homeOffice: isWeekend ? builder.dayOff() : builder.homeOfficeDay()
        case .nurse: (day + resident.number) % 3 == 0 ? builder.nightShift() : builder.dayOff()
        case .student: builder.studentDay()
        case .pupil: isWeekend ? builder.dayOff() : builder.schoolDay()
        case .retired: builder.retiredDay()
        case .nightOwl: builder.nightOwlDay()
        }
        return builder.acts.enumerated()
            .sorted { ($0.element.minute, $0.offset) < ($1.element.minute, $1.offset) }
            .map { PlannedAct(minute: $0.element.minute + day * minutesOfDay, resident: resident.number, act: $0.element.act) }
    }
}

/// Puts together a day from pieces that days are made of.
struct DayBuilder {
    private(set) var acts: [(minute: Int, act: Act)] = []
    private var generator: SeededGenerator

    init(generator: SeededGenerator) { self.generator = generator }

    private mutating func add(_ minute: Int, _ act: Act) {
        acts.append((min(max(minute, 0), DayPlan.minutesOfDay - 1), act))
    }

    // MARK: Pieces

    /// The phone is looked at for some minutes and goes back into the pocket.
    private mutating func look(at minute: Int, for length: Int) {
        add(minute, .use(.phone, .used))
        add(minute + max(1, length), .use(.phone, .aside))
    }

    /// A look at the phone now and then.
    private mutating func looks(_ count: Int, from start: Int, to end: Int) {
        guard end > start else { return }
        for _ in 0..<count { look(at: Int.random(in: start..<end, using: &generator), for: generator.around(6, by: 4)) }
    }

    private mutating func say(_ emoji: String, _ text: String, at minute: Int, for length: Int?) {
        add(minute, .status(emoji: emoji, text: text, lasts: length))
    }

    private mutating func wake(at minute: Int) { look(at: minute, for: generator.around(12, by: 6)) }

    /// Most phones go off at night; some lie there and can be reached.
    private mutating func sleep(at minute: Int) {
        look(at: minute - 12, for: 10)
        add(minute, .use(.laptop, .off))
        add(minute, .use(.phone, generator.happens(70) ? .off : .aside))
    }

    /// A meeting: a call on the laptop, or a choice by hand with a status.
    private mutating func meeting(at minute: Int, for length: Int) {
        if generator.happens(60) {
            add(minute, .use(.laptop, .onCall))
            add(minute + length, .use(.laptop, .used))
        } else {
            say("🗓", "in a meeting", at: minute, for: length)
            add(minute, .choose(.busy, lasts: length))
        }
    }

    /// Hours at a desk, with meetings, breaks and lunch.
    private mutating func desk(from start: Int, to end: Int) {
        add(start, .use(.laptop, .used))
        let lunch = generator.around(12 * 60 + 15, by: 30)
        if start < lunch && lunch + 45 < end {
            add(lunch, .use(.laptop, .aside))
            say("🍜", "lunch", at: lunch, for: 40)
            look(at: lunch + 15, for: 10)
            add(lunch + 42, .use(.laptop, .used))
        }
        for slot in stride(from: start + 40, to: end - 60, by: 75) where !(lunch - 60..<lunch + 45).contains(slot) {
            if generator.happens(45) {
                meeting(at: generator.around(slot, by: 10), for: [25, 30, 45].randomElement(using: &generator) ?? 30)
            } else if generator.happens(50) {
                let pause = generator.around(slot, by: 12)
                add(pause, .use(.laptop, .aside))
                if generator.happens(40) { say("☕", "coffee", at: pause, for: 12) }
                add(pause + generator.around(12, by: 4), .use(.laptop, .used))
            }
        }
        if generator.happens(12) { focus(at: generator.around(start + 90, by: 20)) }
        add(end, .use(.laptop, .off))
    }

    private mutating func focus(at minute: Int) {
        say("🎧", "deep work", at: minute, for: 80)
        add(minute, .choose(.busy, lasts: 80))
    }

    private mutating func evening(from start: Int, to end: Int) {
        looks(Int.random(in: 4...8, using: &generator), from: start, to: end - 20)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: say("🏃", "out running", at: start + 40, for: 60)
        case 1: say("🍕", "pizza tonight?", at: start + 10, for: 120)
        case 2: say("🎬", "at the cinema", at: start + 60, for: 150)
        case 3: say("🎸", "rehearsal", at: start + 50, for: 90)
        case 4: add(start + 30, .choose(.offline, lasts: 120))
        case 5:
            add(start + 20, .use(.laptop, .used))
            add(start + 120, .use(.laptop, .off))
        default: break
        }
    }

    // MARK: Days

    mutating func officeDay() {
        let wakes = generator.around(6 * 60 + 40, by: 35)
        wake(at: wakes)
        let leaves = wakes + generator.around(55, by: 15)
        say(["🚌", "🚲", "🚆"].randomElement(using: &generator) ?? "🚌", "on the way", at: leaves, for: 35)
        looks(2, from: leaves, to: leaves + 30)
        let end = generator.around(17 * 60, by: 50)
        desk(from: leaves + 40, to: end)
        say("🚌", "on the way home", at: end + 5, for: 35)
        evening(from: end + 40, to: 22 * 60)
        sleep(at: generator.around(22 * 60 + 50, by: 45))
    }

    mutating func homeOfficeDay() {
        wake(at: generator.around(7 * 60 + 30, by: 40))
        let end = generator.around(17 * 60 + 20, by: 60)
        desk(from: generator.around(8 * 60 + 50, by: 30), to: end)
        if generator.happens(40) { say("🧺", "back in a moment", at: generator.around(15 * 60, by: 40), for: 20) }
        evening(from: end + 15, to: 22 * 60 + 30)
        sleep(at: generator.around(23 * 60 + 10, by: 40))
    }

    mutating func schoolDay() {
        wake(at: generator.around(6 * 60 + 50, by: 15))
        say("🏫", "at school", at: 8 * 60, for: 5 * 60)
        add(8 * 60, .choose(.unavailable, lasts: 5 * 60))
        looks(3, from: 9 * 60 + 30, to: 12 * 60 + 30)
        looks(6, from: 13 * 60 + 30, to: 20 * 60)
        let game = generator.around(16 * 60 + 30, by: 60)
        add(game, .use(.laptop, .used))
        if generator.happens(50) { say("🎮", "playing", at: game, for: 70) }
        add(game + 75, .use(.laptop, .off))
        sleep(at: generator.around(21 * 60, by: 30))
    }

    mutating func studentDay() {
        wake(at: generator.around(8 * 60 + 40, by: 60))
        for (hour, subject) in [(10, "algebra"), (14, "seminar")] where generator.happens(70) {
            let begins = generator.around(hour * 60 + 15, by: 10)
            say("📚", subject, at: begins, for: 85)
            add(begins, .use(.laptop, .used))
            looks(2, from: begins + 10, to: begins + 80)
            add(begins + 90, .use(.laptop, .off))
        }
        looks(8, from: 9 * 60 + 30, to: 23 * 60)
        let study = generator.around(19 * 60, by: 60)
        add(study, .use(.laptop, .used))
        if generator.happens(30) { add(study + 20, .choose(.busy, lasts: 70)) }
        add(study + 130, .use(.laptop, .off))
        sleep(at: generator.around(23 * 60 + 25, by: 25))
    }

    mutating func retiredDay() {
        wake(at: generator.around(6 * 60, by: 30))
        let morning = generator.around(9 * 60, by: 30)
        add(morning, .use(.laptop, .used))
        add(morning + 50, .use(.laptop, .off))
        if generator.happens(70) { say("🌷", "in the garden", at: generator.around(10 * 60 + 30, by: 30), for: 90) }
        if generator.happens(60) { say("😴", "a nap", at: generator.around(13 * 60 + 15, by: 15), for: 45) }
        let call = generator.around(18 * 60 + 30, by: 40)
        add(call, .use(.laptop, .onCall))
        add(call + generator.around(30, by: 12), .use(.laptop, .off))
        looks(4, from: 8 * 60, to: 20 * 60)
        sleep(at: generator.around(21 * 60 + 45, by: 30))
    }

    mutating func nightShift() {
        // Home from the night before, asleep by day, at work from the evening on.
        look(at: generator.around(7 * 60 + 10, by: 15), for: 15)
        say("😴", "night shift, asleep", at: 8 * 60, for: 6 * 60)
        add(8 * 60, .choose(.offline, lasts: 6 * 60))
        wake(at: generator.around(14 * 60 + 15, by: 15))
        looks(4, from: 15 * 60, to: 20 * 60)
        say("🏥", "on shift", at: 21 * 60, for: 8 * 60)
        add(21 * 60, .choose(.busy, lasts: 8 * 60))
        looks(2, from: 22 * 60, to: 23 * 60 + 40)
    }

    mutating func nightOwlDay() {
        looks(4, from: 10, to: 90)
        add(generator.around(100, by: 20), .use(.laptop, .off))
        add(generator.around(140, by: 15), .use(.phone, .off))
        wake(at: generator.around(10 * 60 + 45, by: 40))
        let begins = generator.around(13 * 60, by: 40)
        desk(from: begins, to: generator.around(19 * 60, by: 40))
        evening(from: 19 * 60 + 45, to: 22 * 60)
        add(generator.around(22 * 60 + 15, by: 20), .use(.laptop, .used))
        if generator.happens(50) { say("🌙", "the quiet hours", at: 22 * 60 + 40, for: 150) }
    }

    mutating func dayOff() {
        wake(at: generator.around(8 * 60 + 45, by: 60))
        looks(9, from: 9 * 60 + 30, to: 21 * 60)
        if generator.happens(60) {
            let trip = generator.around(13 * 60, by: 90)
            let (emoji, text) =
                [("🥾", "hiking"), ("🏊", "swimming"), ("🛒", "at the market"), ("🎂", "a birthday")].randomElement(using: &generator)
                ?? ("🥾", "hiking")
            say(emoji, text, at: trip, for: 150)
            if generator.happens(40) { add(trip, .choose(.unavailable, lasts: 150)) }
        }
        evening(from: 18 * 60, to: 22 * 60 + 30)
        sleep(at: generator.around(23 * 60 + 5, by: 40))
    }
}

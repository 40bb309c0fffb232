/// How somebody's days go.
enum Habit: Sendable, CaseIterable {
    case office, homeOffice, nurse, student, pupil, retired, nightOwl
}

/// A person of the simulated household.
struct Resident: Sendable, Equatable {
    let number: Int
    let name: String
    let habit: Habit

    /// The local part of the user id.
    var localpart: String { name.split(separator: " ").joined(separator: ".").lowercased() }
}

/// The people of the demo. Who they are depends on nothing but the seed.
enum Household {
    static let most = 40

    private static let names = [
        "Mia Berg", "Omar Haddad", "Lena Fuchs", "Tomas Novak", "Aiko Mori", "Jonas Weber", "Priya Nair", "Luis Ortega",
        "Freya Lund", "Kofi Mensah", "Nora Walsh", "Emil Sand", "Zara Khan", "Pavel Kral", "Ines Costa", "Felix Brandt",
        "Amara Diallo", "Hugo Martin", "Sofia Rossi", "Milan Petrov", "Greta Holm", "Samir Aziz", "Clara Vogel", "Ravi Iyer",
        "Elin Dahl", "Marco Bianchi", "Yuki Tanaka", "Paula Reyes", "Anton Beck", "Leila Farah", "Oskar Lind", "Maya Cohen",
        "Rosa Blum", "Viktor Hahn", "Selma Aydin", "Theo Laurent", "Ida Krog", "Kai Jensen", "Wanda Sikora", "Otto Lang",
    ]

    /// About one in eight has the rarer habits, most go to an office or stay at a desk at home.
    static func residents(_ count: Int, seed: UInt64) -> [Resident] {
        var generator = SeededGenerator(seed: seed)
        let common: [Habit] = [.office, .office, .homeOffice, .homeOffice, .student, .pupil, .retired, .nurse, .nightOwl]
        return names.prefix(count).enumerated().map { number, name in
            let habit = number < Habit.allCases.count ? Habit.allCases[number] : common.randomElement(using: &generator)
            return Resident(number: number, name: name, habit: habit ?? .office)
        }
    }
}

public import MatrixModel

/// Whether a line carries the colours of a terminal.
public enum LineStyle: Sendable {
    case plain, coloured

    func paint(_ text: String, _ code: String) -> String {
        self == .coloured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

extension Person {
    /// The name to show, safe for a terminal: the display name, or else the user id.
    public var shownName: String {
        let name = displayName.map { SafeText.neutralised($0) } ?? ""
        return name.isEmpty ? SafeText.neutralised(userID.rawValue) : name
    }
}

/// One person as one line of text, in which nothing that others wrote can move a cursor or change a colour.
public struct PersonLine: Sendable {
    public var style: LineStyle
    public var now: MatrixTimestamp
    public var clock: LocalClock
    /// Columns for the name; longer names are cut.
    public var nameWidth: Int
    /// Columns of the whole line; nil for as many as it takes.
    public var width: Int?
    /// Whether the line says how long ago somebody was online: nothing for a line that stays when that is long over.
    public var tellsLastActive: Bool

    public static let widestName = 24

    public init(
        style: LineStyle, now: MatrixTimestamp, clock: LocalClock, nameWidth: Int = PersonLine.widestName, width: Int? = nil,
        tellsLastActive: Bool = true
    ) {
        self.style = style
        self.now = now
        self.clock = clock
        self.nameWidth = nameWidth
        self.width = width
        self.tellsLastActive = tellsLastActive
    }

    /// The columns that the names of these people take, ``widestName`` at most.
    public static func nameWidth(of people: some Sequence<Person>) -> Int {
        people.reduce(4) { max($0, min(widestName, DisplayWidth.of($1.shownName))) }
    }

    public func text(of person: Person) -> String {
        let look = Look(person.presence)
        let name = DisplayWidth.padded(person.shownName, to: nameWidth)
        let word = DisplayWidth.padded(look.word, to: 8)
        var rest = details(of: person)
        if let width { rest = DisplayWidth.clipped(rest, to: max(0, width - 2 - nameWidth - 2 - 8 - 2)) }
        let isQuiet = person.presence == .offline || person.presence == nil
        let line =
            style.paint(look.symbol, look.colour) + " " + (isQuiet ? style.paint(name, "2") : style.paint(name, "1")) + "  "
            + style.paint(word, look.colour) + (rest.isEmpty ? "" : "  " + rest)
        guard style == .plain else { return line }
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    private func details(of person: Person) -> String {
        var parts: [String] = []
        if let status = person.status {
            parts.append(SafeText.neutralised(status.whole))
            if let expires = status.expires, expires > now { parts.append("(until \(clock.brief(expires, now: now)))") }
        }
        if tellsLastActive, person.presence != .online, let lastActive = person.lastActive {
            parts.append("last online \(LocalClock.ago(lastActive, now: now))")
        }
        return parts.joined(separator: "  ")
    }

    /// Shape and word beside the colour: neither a screen without colours nor an eye that cannot tell them apart loses anything.
    struct Look {
        let symbol: String
        let word: String
        let colour: String

        init(_ presence: ShownPresence?) {
            word = presence?.word ?? "unknown"
            (symbol, colour) =
                switch presence {
                case .online?: ("●", "32")
                case .busy?: ("■", "31")
                case .unavailable?: ("◐", "33")
                case .offline?: ("○", "2")
                case nil: ("·", "2")
                }
        }
    }
}

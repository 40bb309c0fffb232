import HearthClient
import MatrixModel
import Testing

@Suite("Lines and frames")
struct LineTests {
    private let now = MatrixTimestamp(milliseconds: 1_795_609_800_000)
    private let busy = Person(
        userID: UserID(literal: "@alice:home.example"), displayName: "Alice\u{1B}[2J", presence: .busy,
        lastActive: MatrixTimestamp(milliseconds: 1_795_609_500_000),
        status: PersonStatus(text: "in a\nmeeting", emoji: "🗓", expires: MatrixTimestamp(milliseconds: 1_795_611_600_000)))

    private func line(_ style: LineStyle, width: Int? = nil, tellsLastActive: Bool = true) -> PersonLine {
        PersonLine(style: style, now: now, clock: .utc, nameWidth: 12, width: width, tellsLastActive: tellsLastActive)
    }

    @Test("a line names the person, the presence, the status and until when")
    func plain() {
        #expect(
            line(.plain).text(of: busy) == "■ Alice\u{FFFD}[2J     busy      🗓 in a meeting  (until 13:00)  last online 5 min ago"
        )
        #expect(
            line(.plain, tellsLastActive: false).text(of: busy)
                == "■ Alice\u{FFFD}[2J     busy      🗓 in a meeting  (until 13:00)"
        )
        #expect(line(.plain).text(of: Person(userID: UserID(literal: "@bob:b.example"))) == "· @bob:b.exam…  unknown")
    }

    @Test("only a coloured line has escape sequences, and none of them is somebody else's")
    func colours() {
        let coloured = line(.coloured).text(of: busy)
        #expect(coloured.contains("\u{1B}[31m■\u{1B}[0m"))
        #expect(!coloured.contains("\u{1B}[2J"))
        #expect(!line(.plain).text(of: busy).contains("\u{1B}"))
    }

    @Test("a frame fits its screen, whatever it has to show", arguments: [(80, 24), (20, 5), (1, 1), (200, 3), (40, 60)])
    func frame(columns: Int, rows: Int) {
        var frame = WatchFrame()
        frame.connection = .lost(reason: "nobody takes the connection, and that is a long story")
        frame.people = (0..<50).map { number in
            Person(
                userID: UserID(literal: "@user\(number):home.example"), displayName: "名前\(number) and a very long family name",
                presence: ShownPresence.allCases[number % 4],
                status: PersonStatus(text: String(repeating: "長", count: 80), emoji: "", expires: nil))
        }
        let lines = frame.lines(columns: columns, rows: rows, style: .plain, now: now, clock: .utc)
        #expect(lines.count <= rows)
        if columns >= 20 { #expect(lines.allSatisfy { DisplayWidth.of($0) <= columns }) }
        if rows == 24 { #expect(lines.contains("  … and 31 more")) }
    }

    @Test("a frame counts who is at home and says how the connection is")
    func heading() {
        var frame = WatchFrame()
        frame.people = [busy, Person(userID: UserID(literal: "@bob:b.example"), presence: .offline)]
        frame.connection = .live
        let lines = frame.lines(columns: 80, rows: 24, style: .plain, now: now, clock: .utc)
        #expect(lines.first == "12:30  1 of 2 at home")
        #expect(lines.last == "live  Ctrl-C ends")
        frame.connection = .lost(reason: "no answer")
        #expect(frame.lines(columns: 80, rows: 24, style: .plain, now: now, clock: .utc).last == "connection lost: no answer")
    }
}

public import MatrixModel

/// The live view of `hearth watch` as lines that fit a screen. Pure: what is seen is a function of what is known.
public struct WatchFrame: Sendable {
    public enum Connection: Sendable, Equatable {
        case connecting, live
        case lost(reason: String)
    }

    public var people: [Person] = []
    public var connection = Connection.connecting
    /// Those who cannot be watched: ids, and a sentence each.
    public var refusals: [String: String] = [:]

    public init() {}

    /// `rows` lines at most, of `columns` columns at most.
    public func lines(
        columns: Int, rows: Int, style: LineStyle, now: MatrixTimestamp, clock: LocalClock
    ) -> [String] {
        let sorted = people.sortedForPeople()
        let line = PersonLine(
            style: style, now: now, clock: clock, nameWidth: min(PersonLine.nameWidth(of: sorted), max(4, columns - 16)),
            width: columns)
        var body = sorted.map { line.text(of: $0) }
        body += refusals.sorted { $0.key < $1.key }.map { id, sentence in
            style.paint(DisplayWidth.clipped("· \(SafeText.neutralised(id)): \(sentence)", to: columns), "2")
        }
        let room = max(1, rows - 4)
        if body.count > room {
            let missing = body.count - (room - 1)
            body = body.prefix(room - 1) + [style.paint(DisplayWidth.clipped("  … and \(missing) more", to: columns), "2")]
        }
        let lines = [heading(columns: columns, style: style, now: now, clock: clock), ""] + body + ["", footer(columns, style)]
        return Array(lines.prefix(max(1, rows)))
    }

    private func heading(columns: Int, style: LineStyle, now: MatrixTimestamp, clock: LocalClock) -> String {
        let home = people.count { $0.presence != nil && $0.presence != .offline }
        let text = "\(clock.civil(now).clockText)  \(home) of \(people.count) at home"
        return style.paint(DisplayWidth.clipped(text, to: columns), "1")
    }

    private func footer(_ columns: Int, _ style: LineStyle) -> String {
        switch connection {
        case .connecting: style.paint(DisplayWidth.clipped("connecting…  Ctrl-C ends", to: columns), "2")
        case .live: style.paint(DisplayWidth.clipped("live  Ctrl-C ends", to: columns), "2")
        case .lost(let reason): style.paint(DisplayWidth.clipped("connection lost: \(reason)", to: columns), "31")
        }
    }
}

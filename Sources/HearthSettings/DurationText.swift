import MatrixModel

/// Durations as operators write them: digits and one unit of `ms`, `s`, `m`, `h`, `d`; or a plain `0`.
public enum DurationText {
    /// A hundred years: longer than anybody means, and far from every overflow.
    static let longest = Duration.seconds(100 * 365 * 86_400)

    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// The duration, or nil when the text is none, negative, or longer than ``longest``.
    public static func parse(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        let suffix = String(text[digits.endIndex...])
        guard !digits.isEmpty, let count = Int64(String(text[..<digits.endIndex])),
            let unit = units.first(where: { $0.suffix.hasSameBytes(as: suffix) })
        else { return nil }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflow else { return nil }
        let duration = Duration.milliseconds(milliseconds)
        return duration <= longest ? duration : nil
    }

    /// The shortest text that ``parse(_:)`` reads back as this duration.
    static func render(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMilliseconds
        if milliseconds == 0 { return "0ms" }
        let unit = units.last { milliseconds % $0.milliseconds == 0 } ?? units[0]
        return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
    }
}

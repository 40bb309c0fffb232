import MatrixModel

/// Whether it is safe to switch legacy presence off, as a word and a sentence for the operator. Pure.
///
/// Uses are counted from the start of the server, so that a server that runs but shortly has not seen everybody yet.
public enum LegacyVerdict: String, Sendable, CaseIterable {
    /// It is switched off already, or its sunset has come.
    case off
    /// Some client used it within the last week.
    case inUse = "in_use"
    /// Nobody used it, but the server has not run for a week yet.
    case tooEarly = "too_early"
    /// Nobody used it for a week.
    case safe

    /// How long nobody must have used it: clients that people open only on some days are among them then.
    public static let quietPeriod: Duration = .seconds(7 * 86_400)

    init(isServed: Bool, lastUse: MatrixTimestamp?, countedSince: MatrixTimestamp, now: MatrixTimestamp) {
        let weekAgo = now.advanced(by: .zero - Self.quietPeriod)
        if !isServed {
            self = .off
        } else if let lastUse, lastUse > weekAgo {
            self = .inUse
        } else {
            self = countedSince > weekAgo ? .tooEarly : .safe
        }
    }

    public var isSafeToSwitchOff: Bool { self == .safe || self == .off }

    public var sentence: String {
        switch self {
        case .off: "Legacy presence is off."
        case .inUse: "No: clients have used legacy presence within the last seven days."
        case .tooEarly: "Not known yet: nobody has used legacy presence, but the server has run for less than seven days."
        case .safe: "Yes: nobody has used legacy presence for seven days. Set legacy.enabled to false."
        }
    }
}

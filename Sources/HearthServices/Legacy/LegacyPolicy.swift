public import HearthSettings
public import MatrixModel

/// Whether presence is served the old way too: `presence.events` in /sync, GET of a status, `status_msg`.
///
/// With a sunset the answer changes while the server runs, so it is asked for at each request.
public struct LegacyPolicy: Sendable, Equatable {
    public let isEnabled: Bool
    /// From here on the old way is gone; nil while that is open.
    public let sunset: MatrixTimestamp?

    public init(isEnabled: Bool, sunset: MatrixTimestamp? = nil) {
        self.isEnabled = isEnabled
        self.sunset = sunset
    }

    public init(_ settings: HearthSettings.Legacy) {
        self.init(isEnabled: settings.isEnabled, sunset: settings.sunset)
    }

    public func isServed(at now: MatrixTimestamp) -> Bool { isEnabled && sunset.map { now < $0 } ?? true }
}

public import MatrixModel

/// The presence and status that stand in one profile room now.
public struct LaneState: Sendable {
    public internal(set) var presence: PersistedEvent?
    public internal(set) var status: PersistedEvent?

    public init() {}

    /// The newer of the two positions; zero while both are missing.
    public var position: StreamPosition {
        max(presence?.position ?? .zero, status?.position ?? .zero)
    }

    /// When the status ends by itself; nil while there is none or it does not.
    var statusExpires: MatrixTimestamp? {
        (status?.content["io.hearth.expires_ts"]?.integerValue).map(MatrixTimestamp.init(milliseconds:))
    }

    /// The events that came after a position, in stream order.
    public func events(after position: StreamPosition) -> [PersistedEvent] {
        let presence = presence.flatMap { $0.position > position ? $0 : nil }
        let status = status.flatMap { $0.position > position ? $0 : nil }
        guard let presence else { return status.map { [$0] } ?? [] }
        guard let status else { return [presence] }
        return presence.position < status.position ? [presence, status] : [status, presence]
    }

    mutating func set(_ event: PersistedEvent) {
        if event.type == .presence { presence = event } else { status = event }
    }
}

public import MatrixModel

/// The newest events of a room that a reader is shown, and the newest state that they leave out.
///
/// A client applies the timeline to the state that comes with it, and has to end at the room's state. Events are taken newest first. Of
/// state events that do not pass, because a filter drops them or the reader may not see them, the newest of each key is kept for the
/// answer's state. Where the timeline comes to an older event of such a key, the newer one stays in the timeline, or the older one would win.
///
/// Pure. It takes any number of events in memory that is bounded by its limit and the number of keys.
public struct TimelineCut: Sendable {
    /// How many events the timeline has at most.
    public let limit: Int
    /// Newest first.
    private var events: [PersistedEvent] = []
    private var shownKeys: Set<StateKey> = []
    /// The newest event of each key that the timeline does not show, of those that were taken.
    public private(set) var leftOut: [StateKey: PersistedEvent] = [:]
    /// Whether there are older events that pass, or may be.
    public private(set) var isLimited = false

    /// Whether the timeline is applied to the state before it. The state after it holds all that changed, and nothing stands in for it.
    private let isApplied: Bool

    public init(limit: Int, isApplied: Bool = true) { (self.limit, self.isApplied) = (limit, isApplied) }

    /// Oldest first.
    public var timeline: [PersistedEvent] { events.reversed() }

    /// The position of the timeline's first event; nil while there is none.
    public var start: StreamPosition? { events.last?.position }

    /// Takes the next older event.
    ///
    /// - Returns: whether older ones make a difference.
    public mutating func take(_ event: PersistedEvent, passes: Bool) -> Bool {
        if isLimited { return false }
        guard passes else {
            // What comes before a full timeline belongs to the state before it.
            if isApplied, events.count < limit { keepAside(event) }
            return true
        }
        guard let key = event.stateIdentity else { return append(event) }
        if let newer = leftOut[key] {
            guard events.count + 2 <= limit else {
                isLimited = true
                return false
            }
            leftOut[key] = nil
            events.insert(newer, at: events.firstIndex { $0.position < newer.position } ?? events.endIndex)
        }
        shownKeys.insert(key)
        return append(event)
    }

    /// Notes that there are older events which nobody has looked at.
    public mutating func endEarly() { isLimited = true }

    private mutating func append(_ event: PersistedEvent) -> Bool {
        guard events.count < limit else {
            isLimited = true
            return false
        }
        events.append(event)
        return true
    }

    private mutating func keepAside(_ event: PersistedEvent) {
        guard let key = event.stateIdentity, !shownKeys.contains(key), leftOut[key] == nil else { return }
        leftOut[key] = event
    }
}

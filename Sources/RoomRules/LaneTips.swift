public import MatrixModel

/// The ends of a profile room's main chain and of the lane beside it, and what the next event of each names as its previous
/// events.
///
/// A lane event names the lane event before it, and the end of the main chain only if that moved since the lane last named it;
/// the first names just that. No main event names a lane event. So the main chain is whole where the lane is withheld or purged,
/// and the room never has more than two ends.
public struct LaneTips: Sendable, Equatable {
    /// The last event of a chain.
    public struct Tip: Sendable, Equatable {
        public var id: EventID
        public var depth: Int64

        public init(id: EventID, depth: Int64) {
            self.id = id
            self.depth = depth
        }
    }

    public private(set) var main: Tip
    /// Nil before the room's first presence or status.
    public private(set) var lane: Tip?
    /// The main event that the lane named last.
    public private(set) var mainNamedByLane: EventID?

    public init(main: Tip, lane: Tip? = nil, mainNamedByLane: EventID? = nil) {
        self.main = main
        self.lane = lane
        self.mainNamedByLane = mainNamedByLane
    }

    public func prevEventsForLane() -> [EventID] { previousForLane.map(\.id) }

    /// One more than the deepest of ``prevEventsForLane()``, at most 2^53 - 1.
    public func depthForLane() -> Int64 { Self.depth(after: previousForLane) }

    public func prevEventsForMain() -> [EventID] { [main.id] }

    public func depthForMain() -> Int64 { Self.depth(after: [main]) }

    /// The lane event made from ``prevEventsForLane()`` was appended.
    public mutating func laneEventAppended(_ tip: Tip) {
        lane = tip
        mainNamedByLane = main.id
    }

    public mutating func mainEventAppended(_ tip: Tip) { main = tip }

    private var previousForLane: [Tip] {
        guard let lane else { return [main] }
        return mainNamedByLane == main.id ? [lane] : [lane, main]
    }

    private static func depth(after tips: [Tip]) -> Int64 {
        let deepest = tips.map(\.depth).max() ?? 0
        return deepest < JSON.largestInteger ? deepest + 1 : JSON.largestInteger
    }
}

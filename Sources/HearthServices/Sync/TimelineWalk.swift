import HearthStore
import MatrixModel
import SubscriptionCore

/// Walks a room's main chain backwards to make a timeline of it.
struct TimelineWalk {
    private static let step = 100

    let room: RoomID
    /// Nil where the reader may see every event of the walk.
    let visibility: HistoryVisibility?
    let filter: EventFilter
    let store: StoreTransaction

    /// Takes events from a position (included) down to another (not included), at most ``HistoryPage/longestWalk`` of them.
    func take(into cut: inout TimelineCut, from start: StreamPosition, downTo end: StreamPosition) throws {
        var position = start
        var walked = 0
        while walked < HistoryPage.longestWalk {
            // At first those that fill the timeline if every one passes, and one that tells whether it ends there.
            let step = walked == 0 ? min(Self.step, cut.limit + 1) : Self.step
            let chunk = try store.events.newest(step, in: room, after: end, upTo: position)
            for event in chunk.reversed() {
                let passes = filter.includes(event) && visibility?.canSee(event.position) ?? true
                guard cut.take(event, passes: passes) else { return }
            }
            guard chunk.count == step, let oldest = chunk.first else { return }
            position = StreamPosition(oldest.position.rawValue - 1)
            walked += chunk.count
        }
        cut.endEarly()
    }
}

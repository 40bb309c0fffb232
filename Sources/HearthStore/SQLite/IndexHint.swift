/// What SQLite has to be told of the index that a statement is to go by. These are the only words of Hearth's statements that another
/// database does not take; it needs none in their place.
enum IndexHint: String {
    /// All lanes, by an index of their own.
    case lanes = "INDEXED BY current_state_of_lanes CROSS"
    /// The events of lanes in stream order.
    case eventsOfLanes = "INDEXED BY events_by_lane"
}

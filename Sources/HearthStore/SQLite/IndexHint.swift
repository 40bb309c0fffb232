/// Index hints for SQLite; other databases get nothing in their place.
enum IndexHint: String {
    /// All lanes, by an index of their own.
    case lanes = "INDEXED BY current_state_of_lanes CROSS"
    /// The events of lanes in stream order.
    case eventsOfLanes = "INDEXED BY events_by_lane"
}

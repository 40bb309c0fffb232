import SubscriptionCore

extension RoomPlan {
    /// Whether the room is new to the device.
    var isWhole: Bool {
        if case .whole = content { true } else { false }
    }
}

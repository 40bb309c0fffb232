public import MatrixModel

/// The state of a room that the authorisation rules look at: of all events with one type and state key, the one that holds.
///
/// In every version it includes the create event, also where events do not name that one among their auth events.
public protocol AuthState {
    func event(_ key: StateKey) -> SignedEvent?
}

extension Dictionary: AuthState where Key == StateKey, Value == SignedEvent {
    public func event(_ key: StateKey) -> SignedEvent? { self[key] }
}

/// A version of the room rules that Hearth knows: [11](https://spec.matrix.org/v1.16/rooms/v11/) or
/// [12](https://spec.matrix.org/v1.16/rooms/v12/).
///
/// They share event format, hashes, signatures and redaction. Version 12 makes the room's id the hash of its create event and
/// gives its creators infinite power.
public enum RoomVersion: String, Sendable, CaseIterable {
    case v11 = "11"
    case v12 = "12"

    /// Whether the room's id is the hash of its create event, so that the create event names no room and no event names the
    /// create event among its auth events.
    var hasHashedRoomID: Bool { self == .v12 }

    /// Whether the creators stand above every power level and may not be given one.
    var hasPowerfulCreators: Bool { self == .v12 }
}

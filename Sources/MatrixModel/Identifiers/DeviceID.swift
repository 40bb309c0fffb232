/// A device's id: chosen by the client or made up by the server, opaque to everybody. 1 to 255 bytes without U+0000.
public struct DeviceID: MatrixIdentifier {
    public let rawValue: String

    public init?(_ text: String) {
        guard (1...longestIdentifier).contains(text.utf8.count), !text.utf8.contains(0) else { return nil }
        rawValue = text
    }
}

/// One user's device: the unit that syncs, claims presence and peeks.
public struct DeviceKey: Hashable, Sendable {
    public let user: UserID
    public let device: DeviceID

    public init(user: UserID, device: DeviceID) {
        self.user = user
        self.device = device
    }
}

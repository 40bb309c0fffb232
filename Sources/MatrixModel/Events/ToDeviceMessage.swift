/// A message from a user to one device, outside of every room:
/// [send-to-device messaging](https://spec.matrix.org/v1.16/client-server-api/#send-to-device-messaging).
public struct ToDeviceMessage: Sendable, Equatable {
    public let sender: UserID
    public let type: EventType
    public let content: JSONObject

    public init(sender: UserID, type: EventType, content: JSONObject) {
        self.sender = sender
        self.type = type
        self.content = content
    }
}

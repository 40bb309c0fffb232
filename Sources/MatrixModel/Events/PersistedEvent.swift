/// An event that is committed: the only kind that anybody is told about.
///
/// It carries what delivery needs and its client format as bytes, encoded once and spliced into every response. It is made by the
/// store alone, from an authorised event and the position that the store gave it.
public final class PersistedEvent: Sendable {
    public let position: StreamPosition
    public let roomID: RoomID
    public let eventID: EventID
    public let type: EventType
    /// The state key; nil for an event that is no state.
    public let stateKey: String?
    public let sender: UserID
    public let originServerTS: MatrixTimestamp
    /// Whether the event belongs to a profile room's lane (presence and status, beside the main chain).
    public let isLane: Bool
    /// `membership` of the content; nil for all other types.
    public let membership: Membership?
    /// `membership` of the content that this event replaced; nil when it replaced none.
    public let previousMembership: Membership?
    /// The device and the transaction id with which a client sent it; only that device is told.
    public let transaction: EventTransaction?
    /// The event in client format without `room_id` and `unsigned`, its closing brace left out.
    public let openBytes: [UInt8]
    /// Members of `unsigned` that every reader gets, such as `prev_content`; without braces, empty when there are none.
    public let unsignedBytes: [UInt8]
    /// The content, for readers that interpret it (filters, counts).
    public let content: JSONObject

    package init(
        position: StreamPosition, roomID: RoomID, eventID: EventID, type: EventType, stateKey: String?, sender: UserID,
        originServerTS: MatrixTimestamp, isLane: Bool, transaction: EventTransaction?, content: JSONObject,
        redacts: EventID?, unsigned: JSONObject
    ) {
        self.position = position
        self.roomID = roomID
        self.eventID = eventID
        self.type = type
        self.stateKey = stateKey
        self.sender = sender
        self.originServerTS = originServerTS
        self.isLane = isLane
        self.transaction = transaction
        self.content = content
        membership = type == .member ? content["membership"]?.stringValue.flatMap(Membership.init(rawValue:)) : nil
        let previous = type == .member ? unsigned["prev_content"]?.objectValue?["membership"]?.stringValue : nil
        previousMembership = previous.flatMap(Membership.init(rawValue:))

        var open: JSONObject = [
            "content": .object(content), "event_id": .string(eventID.rawValue),
            "origin_server_ts": .integer(originServerTS.milliseconds), "sender": .string(sender.rawValue),
            "type": .string(type.rawValue),
        ]
        if let stateKey { open["state_key"] = .string(stateKey) }
        if let redacts { open["redacts"] = .string(redacts.rawValue) }
        openBytes = Array(open.bytes.dropLast())
        unsignedBytes = unsigned.isEmpty ? [] : Array(unsigned.bytes.dropFirst().dropLast())
    }

    public var stateIdentity: StateKey? { stateKey.map { StateKey(type, $0) } }

    /// Appends the event in client format for a reader: with `room_id` where the endpoint asks for it, and with
    /// `unsigned.transaction_id` where the reader's device sent it.
    ///
    /// - Parameter edit: the newest edit of this event, told in `unsigned.m.relations`
    ///   ([server-side aggregation](https://spec.matrix.org/v1.16/client-server-api/#server-side-aggregation-of-mreplace-relationships)).
    public func write(to output: inout [UInt8], for reader: DeviceKey?, withRoomID: Bool, edit: PersistedEvent? = nil) {
        output.append(contentsOf: openBytes)
        if withRoomID {
            output.append(contentsOf: ",\"room_id\":".utf8)
            JSON.writeString(roomID.rawValue, to: &output)
        }
        let own = transaction.flatMap { $0.device == reader ? $0.id : nil }
        if own != nil || edit != nil || !unsignedBytes.isEmpty {
            output.append(contentsOf: ",\"unsigned\":{".utf8)
            if let edit {
                output.append(contentsOf: "\"m.relations\":{\"m.replace\":".utf8)
                edit.write(to: &output, for: reader, withRoomID: true)
                output.append(UInt8(ascii: "}"))
            }
            if !unsignedBytes.isEmpty {
                if edit != nil { output.append(UInt8(ascii: ",")) }
                output.append(contentsOf: unsignedBytes)
            }
            if let own {
                if edit != nil || !unsignedBytes.isEmpty { output.append(UInt8(ascii: ",")) }
                output.append(contentsOf: "\"transaction_id\":".utf8)
                JSON.writeString(own, to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
        output.append(UInt8(ascii: "}"))
    }
}

/// The transaction with which a device sent an event.
public struct EventTransaction: Hashable, Sendable {
    public let device: DeviceKey
    public let id: String

    public init(device: DeviceKey, id: String) {
        self.device = device
        self.id = id
    }
}

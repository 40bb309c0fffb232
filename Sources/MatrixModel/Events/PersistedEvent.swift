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
    /// How many of ``openBytes`` are the content. It begins behind the first key.
    private let contentCount: Int
    /// The content of an event that was just made; nil when the event was read back, which most readers only pass on.
    private let madeContent: JSONObject?

    package init(
        position: StreamPosition, roomID: RoomID, eventID: EventID, type: EventType, stateKey: String?, sender: UserID,
        originServerTS: MatrixTimestamp, isLane: Bool, transaction: EventTransaction?, content: JSONObject,
        redacts: EventID?, unsigned: JSONObject
    ) {
        let contentBytes = content.bytes
        membership = type == .member ? content["membership"]?.stringValue.flatMap(Membership.init(rawValue:)) : nil
        let previous = type == .member ? unsigned["prev_content"]?.objectValue?["membership"]?.stringValue : nil
        previousMembership = previous.flatMap(Membership.init(rawValue:))
        openBytes = contentBytes.withUnsafeBufferPointer { content in
            Self.clientFormat(
                content: content, eventID: eventID, originServerTS: originServerTS, redacts: redacts, sender: sender,
                stateKey: stateKey, type: type)
        }
        contentCount = contentBytes.count
        madeContent = content
        unsignedBytes = unsigned.isEmpty ? [] : Array(unsigned.bytes.dropFirst().dropLast())
        self.position = position
        self.roomID = roomID
        self.eventID = eventID
        self.type = type
        self.stateKey = stateKey
        self.sender = sender
        self.originServerTS = originServerTS
        self.isLane = isLane
        self.transaction = transaction
    }

    /// An event as it was stored: the bytes are passed on as they are, nothing of them is parsed.
    ///
    /// - Parameters:
    ///   - content: the content's canonical form.
    ///   - unsigned: the canonical form of `unsigned`, of an object; empty when there is none.
    package init(
        position: StreamPosition, roomID: RoomID, eventID: EventID, type: EventType, stateKey: String?, sender: UserID,
        originServerTS: MatrixTimestamp, isLane: Bool, transaction: EventTransaction?, content: UnsafeBufferPointer<UInt8>,
        unsigned: UnsafeBufferPointer<UInt8>
    ) {
        if type == .member {
            membership = Self.membership(in: content)
            previousMembership = unsigned.canonicalMember("prev_content").flatMap {
                Self.membership(in: UnsafeBufferPointer(rebasing: unsigned[$0]))
            }
        } else {
            membership = nil
            previousMembership = nil
        }
        let redacts = type == .redaction ? Self.redacts(in: content) : nil
        openBytes = Self.clientFormat(
            content: content, eventID: eventID, originServerTS: originServerTS, redacts: redacts, sender: sender,
            stateKey: stateKey, type: type)
        contentCount = content.count
        madeContent = nil
        unsignedBytes = Array(unsigned.dropFirst().dropLast())
        self.position = position
        self.roomID = roomID
        self.eventID = eventID
        self.type = type
        self.stateKey = stateKey
        self.sender = sender
        self.originServerTS = originServerTS
        self.isLane = isLane
        self.transaction = transaction
    }

    /// The client format up to its closing brace, in the order of canonical JSON: the content first.
    private static func clientFormat(
        content: UnsafeBufferPointer<UInt8>, eventID: EventID, originServerTS: MatrixTimestamp, redacts: EventID?, sender: UserID,
        stateKey: String?, type: EventType
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(content.count + 300)
        bytes.append(contentsOf: contentKey.utf8)
        bytes.append(contentsOf: content)
        bytes.append(contentsOf: ",\"event_id\":".utf8)
        JSON.writeString(eventID.rawValue, to: &bytes)
        bytes.append(contentsOf: ",\"origin_server_ts\":".utf8)
        bytes.append(contentsOf: String(originServerTS.milliseconds).utf8)
        if let redacts {
            bytes.append(contentsOf: ",\"redacts\":".utf8)
            JSON.writeString(redacts.rawValue, to: &bytes)
        }
        bytes.append(contentsOf: ",\"sender\":".utf8)
        JSON.writeString(sender.rawValue, to: &bytes)
        if let stateKey {
            bytes.append(contentsOf: ",\"state_key\":".utf8)
            JSON.writeString(stateKey, to: &bytes)
        }
        bytes.append(contentsOf: ",\"type\":".utf8)
        JSON.writeString(type.rawValue, to: &bytes)
        return bytes
    }

    private static let contentKey = "{\"content\":"

    /// `membership` of a content; names of memberships hold nothing that JSON escapes.
    private static func membership(in content: UnsafeBufferPointer<UInt8>) -> Membership? {
        guard let value = content.canonicalMember("membership"), content[value.lowerBound] == UInt8(ascii: "\"") else {
            return nil
        }
        return Membership(rawValue: String(decoding: content[value].dropFirst().dropLast(), as: UTF8.self))
    }

    private static func redacts(in content: UnsafeBufferPointer<UInt8>) -> EventID? {
        object(content)["redacts"]?.stringValue.flatMap { EventID($0) }
    }

    /// The content, for readers that interpret it (filters, counts). It is parsed at each call where the event was read back from the
    /// store: whoever needs it twice keeps it.
    public var content: JSONObject {
        if let madeContent { return madeContent }
        let start = Self.contentKey.utf8.count
        return openBytes.withUnsafeBufferPointer { Self.object(UnsafeBufferPointer(rebasing: $0[start..<start + contentCount])) }
    }

    /// Parses what was written as an object. The store was damaged by others where it is none; such content reads as empty.
    private static func object(_ bytes: UnsafeBufferPointer<UInt8>) -> JSONObject {
        do throws(JSONParseError) {
            return try JSON(parsing: bytes, options: .stored).objectValue ?? [:]
        } catch {
            return [:]
        }
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

import MatrixModel

/// Writes one JSON text piece by piece, straight into bytes: large answers are never a tree.
///
/// Commas are put where they belong. Members come in the order in which they are written; whoever writes gives no key twice and
/// exactly one value to each.
///
/// A text that gets longer than it may be is no longer JSON: what would come is left out, and nobody uses it.
struct JSONStream: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Nil writes events as they were encoded once.
    private let rewriter: EventRewriter?
    private let most: Int

    init(rewriting rewriter: EventRewriter? = nil, atMost most: Int = .max) {
        self.rewriter = rewriter
        self.most = most
    }

    /// Whether there is more by now than there may be.
    var isTooLong: Bool { bytes.count > most }

    /// A whole object.
    static func object(_ members: (inout JSONStream) -> Void) -> [UInt8] {
        var stream = JSONStream()
        stream.object(members)
        return stream.bytes
    }

    // MARK: Values

    mutating func object(_ members: (inout JSONStream) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        members(&self)
        bytes.append(UInt8(ascii: "}"))
    }

    mutating func array<Element>(_ elements: some Sequence<Element>, _ write: (inout JSONStream, Element) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "["))
        for element in elements where !isTooLong { write(&self, element) }
        bytes.append(UInt8(ascii: "]"))
    }

    mutating func value(_ json: JSON) {
        separate()
        json.write(to: &bytes)
    }

    mutating func event(_ event: PersistedEvent, for reader: DeviceKey?, withRoomID: Bool, edit: PersistedEvent? = nil) {
        separate()
        let start = bytes.count
        event.write(to: &bytes, for: reader, withRoomID: withRoomID, edit: edit)
        if let rewriter { rewriter.rewrite(event, at: start, in: &bytes) }
    }

    // MARK: Members

    mutating func member(_ key: String, _ json: JSON) {
        self.key(key)
        value(json)
    }

    mutating func member(_ key: String, object members: (inout JSONStream) -> Void) {
        if isTooLong { return }
        self.key(key)
        object(members)
    }

    mutating func member<Element>(
        _ key: String, array elements: some Sequence<Element>, _ write: (inout JSONStream, Element) -> Void
    ) {
        self.key(key)
        array(elements, write)
    }

    /// Events as they were encoded once, spliced in, each with its edit.
    mutating func member(
        _ key: String, events: some Sequence<PersistedEvent>, for reader: DeviceKey?, withRoomID: Bool, edits: Edits = [:]
    ) {
        member(key, array: events) { $0.event($1, for: reader, withRoomID: withRoomID, edit: edits[$1.eventID]) }
    }

    mutating func member(_ key: String, event: PersistedEvent, for reader: DeviceKey?, edit: PersistedEvent? = nil) {
        self.key(key)
        self.event(event, for: reader, withRoomID: true, edit: edit)
    }

    private mutating func key(_ key: String) {
        separate()
        JSON.writeString(key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }

    /// A comma is due unless nothing stands before what comes. No value ends with one of these three bytes.
    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): break
        default: bytes.append(UInt8(ascii: ","))
        }
    }
}

import Crypto
import MatrixModel

/// The two hashes of an event. Both are SHA-256 over canonical JSON.
enum EventHashes {
    /// The [content hash](https://spec.matrix.org/v1.16/server-server-api/#calculating-the-content-hash-for-an-event), over the
    /// whole event but `hashes`, `signatures` and `unsigned`: what redaction removed shows in it.
    static func content(of json: JSONObject) -> [UInt8] {
        var covered = json
        covered["hashes"] = nil
        covered["signatures"] = nil
        covered["unsigned"] = nil
        return sha256(covered.bytes)
    }

    /// The [reference hash](https://spec.matrix.org/v1.16/server-server-api/#calculating-the-reference-hash-for-an-event), over
    /// what redaction keeps: it names the event.
    static func reference(of json: JSONObject, version: RoomVersion) -> [UInt8] {
        sha256(EventSigning.signedBytes(of: Redaction.redact(json, version: version)))
    }

    static func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}

extension EventID {
    /// The id of the event with this [reference hash](https://spec.matrix.org/v1.16/rooms/v11/#event-ids).
    init(referenceHash: [UInt8]) {
        guard let id = EventID("$" + Base64.encodeURLSafe(referenceHash)) else {
            preconditionFailure("URL-safe base64 of a hash always makes an event id")
        }
        self = id
    }
}

extension RoomID {
    /// The id of the room of version 12 or later that this create event begins; nil for ids of another form than a hash's.
    init?(createEvent id: EventID) {
        self.init("!" + id.rawValue.dropFirst())
    }
}

extension SignedEvent {
    /// Whether the event is whole: its content hash covers all of it. False after redaction took something away.
    public func hasValidContentHash() -> Bool {
        json["hashes"]?.objectValue?["sha256"]?.stringValue.flatMap(Base64.decode) == EventHashes.content(of: json)
    }
}

import MatrixModel
import SubscriptionCore

/// Writes events as a filter asks for them where that is not the plain client format (``EventForm``).
struct EventRewriter: Sendable {
    let fields: EventFields?
    /// Events as servers exchange them, by their positions; empty for a client that did not ask for them.
    let federation: [StreamPosition: JSONObject]

    /// Puts the other form in the place of an event that was just written.
    ///
    /// What cannot be read stays as it is: a client rather gets more than it asked for.
    func rewrite(_ event: PersistedEvent, at start: Int, in bytes: inout [UInt8]) {
        let client: JSONObject?
        do throws(JSONParseError) {
            client = try JSON(parsing: bytes[start...], options: .stored).objectValue
        } catch {
            client = nil
        }
        guard var json = client else { return }
        if var signed = federation[event.position] {
            signed["event_id"] = json["event_id"]
            signed["unsigned"] = json["unsigned"]
            json = signed
        }
        if let fields { json = fields.of(json) }
        bytes.removeLast(bytes.count - start)
        JSON.object(json).write(to: &bytes)
    }
}

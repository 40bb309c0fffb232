import HearthStore
public import MatrixModel
import RoomRules

extension RoomReader {
    /// Events that are about to be shown, in the form in which servers exchange them; a superseded lane event has none any more.
    ///
    /// What is shown redacted is redacted here too, whatever the store has.
    public func federationForms(of events: [PersistedEvent]) async throws -> [StreamPosition: JSONObject] {
        if events.isEmpty { return [:] }
        return try await store.read { store in
            let signed = try store.events.signed(at: events.map(\.position))
            var forms: [StreamPosition: JSONObject] = [:]
            for event in events {
                guard let signed = signed[event.position] else { continue }
                forms[event.position] = signed.content == event.content ? signed.json : signed.redacted().json
            }
            return forms
        }
    }
}

import HearthStore
import MatrixModel
import RoomRules
import SubscriptionCore

/// What is shown of the events of users who asked to be erased when their accounts ended.
///
/// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3accountdeactivate): whoever was in the room between an
/// event and the erasure goes on to see it; to all others a redacted copy is served. Nothing is redacted in the store. State stays, since it is
/// the room's and not the user's alone, but for the user's own member events, of which the membership stays.
enum ErasedEvents {
    /// Events of one room as they are shown to a reader.
    static func shown(
        _ events: [PersistedEvent], by access: RoomReader.Access, in store: StoreTransaction
    ) throws -> [PersistedEvent] {
        try shown(events, to: access.visibility, in: store)
    }

    /// - Parameter reader: what the reader sees of the room, and when they were in it.
    static func shown(
        _ events: [PersistedEvent], to reader: HistoryVisibility, in store: StoreTransaction
    ) throws -> [PersistedEvent] {
        let erasures = try store.erasures.erasures(of: Set(events.map(\.sender)))
        if erasures.isEmpty { return events }
        return try events.map { event in
            guard let erased = erasures[event.sender], event.position <= erased, isPersonal(event),
                !reader.wasMember(from: event.position, to: erased)
            else { return event }
            return try redacted(event, in: store)
        }
    }

    private static func isPersonal(_ event: PersistedEvent) -> Bool {
        event.stateKey.map { event.type == .member && $0.hasSameBytes(as: event.sender.rawValue) } ?? true
    }

    private static func redacted(_ event: PersistedEvent, in store: StoreTransaction) throws -> PersistedEvent {
        let signed = try store.events.signed(at: event.position)?.redacted()
        return PersistedEvent(
            position: event.position, roomID: event.roomID, eventID: event.eventID, type: event.type, stateKey: event.stateKey,
            sender: event.sender, originServerTS: event.originServerTS, isLane: event.isLane, transaction: nil,
            content: signed?.content ?? [:], redacts: signed?.redacts, unsigned: [:])
    }
}

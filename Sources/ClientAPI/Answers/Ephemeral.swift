import HearthServices
import MatrixModel

/// What happens in a room and is no part of its history: typing and receipts, as events of a sync.
enum Ephemeral {
    static func events(of room: SyncRoom) -> [JSON] {
        var events: [JSON] = []
        if let typing = room.typing {
            events.append(["type": "m.typing", "content": ["user_ids": .array(typing.map { .string($0.rawValue) })]])
        }
        for content in contents(of: room.receipts) { events.append(["type": "m.receipt", "content": .object(content)]) }
        return events
    }

    /// By event, kind and user: [m.receipt](https://spec.matrix.org/v1.16/client-server-api/#mreceipt).
    ///
    /// One content has one receipt of a user for an event; those for other threads go into contents of their own.
    private static func contents(of receipts: [Receipt]) -> [JSONObject] {
        var rounds: [[Slot: Receipt]] = []
        for receipt in receipts {
            let slot = Slot(event: receipt.event, kind: receipt.kind, user: receipt.user)
            if let index = rounds.firstIndex(where: { $0[slot] == nil }) {
                rounds[index][slot] = receipt
            } else {
                rounds.append([slot: receipt])
            }
        }
        return rounds.map { content(of: $0.values) }
    }

    private struct Slot: Hashable {
        let event: EventID
        let kind: Receipt.Kind
        let user: UserID
    }

    private static func content(of receipts: some Sequence<Receipt>) -> JSONObject {
        var content: JSONObject = [:]
        for (event, receipts) in Dictionary(grouping: receipts, by: \.event) {
            var kinds: JSONObject = [:]
            for (kind, receipts) in Dictionary(grouping: receipts, by: \.kind) {
                var users: JSONObject = [:]
                for receipt in receipts {
                    var data: JSONObject = ["ts": .integer(receipt.time.milliseconds)]
                    data["thread_id"] = receipt.thread.map { .string($0) }
                    users[receipt.user.rawValue] = .object(data)
                }
                kinds[kind.rawValue] = .object(users)
            }
            content[event.rawValue] = .object(kinds)
        }
        return content
    }
}

import HearthServices
import MatrixModel

/// What happens in a room and is no part of its history: typing and receipts, as events of a sync.
enum Ephemeral {
    static func events(of room: SyncRoom) -> [JSON] {
        var events: [JSON] = []
        if let typing = room.typing {
            events.append(["type": "m.typing", "content": ["user_ids": .array(typing.map { .string($0.rawValue) })]])
        }
        if !room.receipts.isEmpty { events.append(["type": "m.receipt", "content": .object(content(of: room.receipts))]) }
        return events
    }

    /// By event, kind and user: [m.receipt](https://spec.matrix.org/v1.16/client-server-api/#mreceipt).
    private static func content(of receipts: [Receipt]) -> JSONObject {
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

import HearthStore
public import MatrixModel
import SubscriptionCore

/// Tags are the members of one piece of room account data, `m.tag`: [spec](https://spec.matrix.org/v1.16/client-server-api/#room-tagging).
extension AccountDataService {
    /// A user's tags of a room, by name.
    public func tags(of room: RoomID, by user: UserID) async throws -> JSONObject {
        try await store.read { store in
            guard try store.memberships.membership(of: user, in: room) != nil else { throw AccountDataError.notInRoom }
            return try Self.tags(in: store, room: room, user: user)
        }
    }

    /// Sets one tag, or takes it away with nil; the others stay.
    public func setTag(_ tag: String, to value: JSONObject?, on room: RoomID, by user: UserID) async throws {
        try await writer.perform { [accountData] context in
            try context.requireAccount(user)
            guard try context.membership(of: user, in: room) != nil else { throw AccountDataError.notInRoom }
            let before = try Self.tags(in: context.transaction, room: room, user: user)
            var tags = before
            tags[tag] = value.map { .object($0) }
            guard tags != before else { return }
            let content: JSONObject = ["tags": .object(tags)]
            guard content.bytes.count <= Self.largestContent else { throw AccountDataError.tooLarge }
            try accountData.set(.tag, content: content, room: room, of: user, in: context)
        }
    }

    private static func tags(in store: StoreTransaction, room: RoomID, user: UserID) throws -> JSONObject {
        try store.accountData.data(of: user, room: room, type: .tag)?.content["tags"]?.objectValue ?? [:]
    }
}

import HearthStore
public import MatrixModel
import PushCore
import SubscriptionCore

/// Why account data or a filter cannot be read or written.
public enum AccountDataError: Error, Equatable {
    /// 404 `M_NOT_FOUND`.
    case notFound
    /// 405 `M_BAD_JSON`: a type that the server alone writes.
    case managedByServer(EventType)
    /// 403 `M_FORBIDDEN`.
    case notInRoom
    /// 413 `M_TOO_LARGE`.
    case tooLarge
    /// 413 `M_TOO_LARGE`.
    case tooManyIgnored(limit: Int)
    /// 400 `M_BAD_JSON`.
    case badFilter(String)
}

/// A user's account data, global and by room.
public final class AccountDataService: Sendable {
    /// The most that one piece of account data may have, in bytes of canonical JSON.
    public static let largestContent = 65_536

    /// Writes account data that does more than to be stored.
    typealias Setter = @Sendable (JSONObject, EventType, UserID) async throws -> Void

    let store: Store
    let writer: RoomWriter
    let accountData: AccountDataWriter
    private let push: PushBook
    private let setters: [EventType: Setter]

    /// - Parameter setters: what writes a user's global account data of these types, in place of this service.
    init(
        store: Store, writer: RoomWriter, accountData: AccountDataWriter, push: PushBook, setters: [EventType: Setter]
    ) {
        self.store = store
        self.writer = writer
        self.accountData = accountData
        self.push = push
        self.setters = setters
    }

    public func set(_ type: EventType, content: JSONObject, room: RoomID?, of user: UserID) async throws {
        if AccountDataTable.managed.contains(type) { throw AccountDataError.managedByServer(type) }
        guard content.bytes.count <= Self.largestContent, type.rawValue.utf8.count <= 255 else {
            throw AccountDataError.tooLarge
        }
        if room == nil, let set = setters[type] { return try await set(content, type, user) }
        try await writer.perform { [accountData] context in
            try context.requireAccount(user)
            if let room, try context.membership(of: user, in: room) == nil { throw AccountDataError.notInRoom }
            if room == nil, PresenceSharing.types.contains(type) {
                return try accountData.setSharing(content, of: user, in: context)
            }
            if room == nil, type == .ignoredUsers {
                return try accountData.setIgnoredUsers(content, of: user, in: context)
            }
            try accountData.set(type, content: content, room: room, of: user, in: context)
        }
    }

    public func get(_ type: EventType, room: RoomID?, of user: UserID) async throws -> JSONObject {
        if type == .pushRules, room == nil { return push.rules(of: user).json(for: user) }
        guard let data = try await store.read({ try $0.accountData.data(of: user, room: room, type: type) }) else {
            throw AccountDataError.notFound
        }
        return data.content
    }
}

import HearthStore
public import MatrixModel
import PresenceCore
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

    let writer: RoomWriter
    private let presence: PresenceService

    public init(writer: RoomWriter, presence: PresenceService) {
        self.writer = writer
        self.presence = presence
    }

    public func set(_ type: EventType, content: JSONObject, room: RoomID?, of user: UserID) async throws {
        if AccountDataTable.managed.contains(type) { throw AccountDataError.managedByServer(type) }
        guard content.bytes.count <= Self.largestContent, type.rawValue.utf8.count <= 255 else {
            throw AccountDataError.tooLarge
        }
        if room == nil, PersistentPresence.types.contains(type) {
            return try await presence.setPersistent(content, as: type, of: user)
        }
        try await writer.perform { context in
            if let room, try context.membership(of: user, in: room) == nil { throw AccountDataError.notInRoom }
            if room == nil, PresenceSharing.types.contains(type) { return try context.setSharing(content, of: user) }
            if room == nil, type == .ignoredUsers { return try context.setIgnoredUsers(content, of: user) }
            try context.setAccountData(type, content: content, room: room, of: user)
        }
    }

    public func get(_ type: EventType, room: RoomID?, of user: UserID) async throws -> JSONObject {
        if type == .pushRules, room == nil { return writer.push.rules(of: user).json(for: user) }
        guard let data = try await writer.store.read({ try $0.accountData.data(of: user, room: room, type: type) }) else {
            throw AccountDataError.notFound
        }
        return data.content
    }
}

import HearthStore
public import MatrixModel
import RoomRules
import SubscriptionCore

/// Why a profile cannot be read or changed.
public enum ProfileError: Error, Equatable {
    /// 404 `M_NOT_FOUND`: no such user, or no such field.
    case notFound(String)
    /// 403 `M_FORBIDDEN`: another user's profile.
    case notYours
    /// 400 `M_INVALID_PARAM`, or `M_BAD_JSON` by the value's shape.
    case invalidKey(String)
    case malformed(String)
    /// 400 `M_PROFILE_TOO_LARGE`.
    case tooLarge
    /// 400 `M_KEY_TOO_LARGE`.
    case keyTooLarge
}

/// Profiles (spec and MSC4133) as a view of the user's profile room: `m.profile` holds the fields, `m.status` the status.
public final class ProfileService: Sendable {
    /// Keys under which the status shows in a profile.
    public static let statusKeys = ["m.status", "org.matrix.msc4426.status"]

    private let writer: RoomWriter
    private let notifier: StreamNotifier

    public init(writer: RoomWriter, notifier: StreamNotifier) {
        self.writer = writer
        self.notifier = notifier
    }

    /// The whole profile, with the status where the viewer is in the user's audience; nobody logged in (nil) never is.
    public func profile(of user: UserID, for viewer: UserID?) async throws -> JSONObject {
        guard let room = notifier.ask({ $0.profileRoom(of: user) }) else {
            throw ProfileError.notFound("There is no user \(user).")
        }
        let stored = try await writer.store.read { try $0.state.event(.profile, in: room)?.content } ?? [:]
        var profile = ProfileContent.cleared(stored)
        let status = notifier.ask { engine -> JSONObject? in
            guard let viewer, engine.canSee(viewer, laneOf: user) else { return nil }
            return engine.lane(of: user)?.status?.content
        }
        if let status, let view = Self.view(ofStatus: status) {
            for key in Self.statusKeys { profile[key] = .object(view) }
        }
        return profile
    }

    public func field(_ key: String, of user: UserID, for viewer: UserID?) async throws -> JSON {
        guard let value = try await profile(of: user, for: viewer)[key] else {
            throw ProfileError.notFound("The profile has no \"\(key)\".")
        }
        return value
    }

    /// Sets one field; nil deletes it. A new name or avatar goes into the member events of all joined rooms: of the first ones in the same
    /// transaction, of the others soon after (``FollowUps``).
    public func set(_ key: String, to value: JSON?, of user: UserID, by device: DeviceKey) async throws {
        guard device.user == user else { throw ProfileError.notYours }
        guard !key.isEmpty else { throw ProfileError.invalidKey("A profile field has a name.") }
        guard key.utf8.count <= 255 else { throw ProfileError.keyTooLarge }
        do {
            if Self.statusKeys.contains(key) {
                try await setStatus(to: value, of: user)
            } else {
                try Self.check(value, for: key)
                try await setField(key, to: value, of: user)
            }
        } catch let error as SendError {
            if case .tooLarge = error { throw ProfileError.tooLarge }
            throw RoomError(error)
        }
    }

    private static func check(_ value: JSON?, for key: String) throws(ProfileError) {
        guard let value else { return }
        if ProfileContent.shownInRooms.contains(key) {
            guard value.stringValue != nil else { throw .malformed("\"\(key)\" is a string.") }
        }
        guard value.isCanonical else { throw .malformed("Numbers in a profile are integers.") }
    }

    private func setField(_ key: String, to value: JSON?, of user: UserID) async throws {
        try await writer.perform { context in
            guard let room = try context.profileRoom(of: user) else {
                throw ProfileError.notFound("There is no user \(user).")
            }
            _ = try context.requireRoom(room)
            let before = try context.profileContent(of: user)
            var content = before
            content[key] = ProfileContent.value(value, for: key)
            guard content != before else { return }
            try context.send(EventRequest(type: .profile, stateKey: "", sender: user, content: content), in: room)
            guard ProfileContent.shownInRooms.contains(key) else { return }
            try context.begin(.memberEvents(of: user))
        }
    }

    private func setStatus(to value: JSON?, of user: UserID) async throws {
        guard let content = value.map({ $0.objectValue }) ?? [:] else {
            throw ProfileError.malformed("A status is an object with \"text\" and \"emoji\".")
        }
        let status = try StatusContent(checking: content)
        try await writer.perform { context in try context.setStatus(status, of: user) }
    }

    /// A status as a profile shows it, with both of its fields; nil while there is none.
    private static func view(ofStatus content: JSONObject) -> JSONObject? {
        if content.isEmpty { return nil }
        return content.merging(["text": content["text"] ?? "", "emoji": content["emoji"] ?? ""])
    }
}

extension WriteContext {
    /// Puts a status into the user's lane, unless it stands there already.
    func setStatus(_ status: StatusContent, of user: UserID) throws {
        guard let room = try profileRoom(of: user), try self.room(room) != nil else {
            throw ProfileError.notFound("There is no user \(user).")
        }
        let standing = try state(.status, in: room)
        guard standing?.isReadable == false || (standing?.content ?? [:]) != status.json else { return }
        try status.checkExpiry(at: now.wall)
        try send(EventRequest(type: .status, stateKey: "", sender: user, content: status.json), in: room)
    }
}

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
    /// 400 `M_INVALID_PARAM`: longer than what stands in all of a user's member events may be.
    case tooLong(key: String, limit: String)
    /// 400 `M_INVALID_PARAM`: no time zone that there is.
    case unknownTimeZone
    /// 400 `M_PROFILE_TOO_LARGE`.
    case tooLarge
    /// 400 `M_KEY_TOO_LARGE`.
    case keyTooLarge
}

/// Profiles (spec and MSC4133) as a view of the user's profile room: `m.profile` holds the fields, `m.status` the status.
public final class ProfileService: Sendable {
    private let store: Store
    private let memberEvents: MemberEvents
    private let writer: RoomWriter
    private let notifier: StreamNotifier
    private let presence: PresenceService

    init(store: Store, memberEvents: MemberEvents, writer: RoomWriter, notifier: StreamNotifier, presence: PresenceService) {
        self.store = store
        self.memberEvents = memberEvents
        self.writer = writer
        self.notifier = notifier
        self.presence = presence
    }

    /// The whole profile, with what follows the audience where the viewer is in it; nobody logged in (nil) never is.
    public func profile(of user: UserID, for viewer: UserID?) async throws -> JSONObject {
        guard let room = notifier.ask({ $0.profileRoom(of: user) }) else {
            throw ProfileError.notFound("There is no user \(user).")
        }
        let stored = try await store.read { try $0.state.event(.profile, in: room)?.content } ?? [:]
        var profile = PublicProfile.view(of: ProfileContent.cleared(stored))
        let fields = notifier.ask { engine in
            AudienceField.allCases.compactMap { field in
                engine.content(of: field, of: user, for: viewer).map { (field, $0) }
            }
        }
        for (field, content) in fields {
            for name in field.names { profile[name] = .object(content) }
        }
        return profile
    }

    public func field(_ key: String, of user: UserID, for viewer: UserID?) async throws -> JSON {
        guard let value = try await profile(of: user, for: viewer)[key] else {
            throw ProfileError.notFound("The profile has no \"\(key)\".")
        }
        return value
    }

    /// Sets one field; nil deletes it. A new name or avatar goes into the member events of joined rooms: of the first ones in the same
    /// transaction, of the others soon after (``FollowUps``).
    ///
    /// - Parameter propagation: of which rooms; means nothing for other fields.
    public func set(
        _ key: String, to value: JSON?, of user: UserID, by device: DeviceKey, propagation: ProfilePropagation = .all
    ) async throws {
        guard device.user == user else { throw ProfileError.notYours }
        guard !key.isEmpty else { throw ProfileError.invalidKey("A profile field has a name.") }
        guard key.utf8.count <= 255 else { throw ProfileError.keyTooLarge }
        do {
            switch AudienceField(named: key) {
            case .status: try await setStatus(to: value, of: user)
            case .call: try await setProgramField(.call, to: try value.map(ProgramFieldContent.call), by: device)
            case .richPresence:
                try await setProgramField(.richPresence, to: try value.map(ProgramFieldContent.richPresence), by: device)
            case nil:
                try Self.check(value, for: key)
                try await setField(key, to: value, of: user, propagation: propagation)
            }
        } catch let error as SendError {
            if case .tooLarge = error { throw ProfileError.tooLarge }
            throw RoomError(error)
        }
    }

    private static func check(_ value: JSON?, for key: String) throws(ProfileError) {
        guard let value else { return }
        if ProfileContent.shownInRooms.contains(key) {
            guard let text = value.stringValue else { throw .malformed("\"\(key)\" is a string.") }
            try ProfileContent.checkLength(of: text, for: key)
        }
        if PublicProfile.timeZoneNames.contains(key) {
            guard let name = value.stringValue else { throw .malformed("\"\(key)\" is a string.") }
            guard TimeZoneNames.contain(name) else { throw .unknownTimeZone }
        }
        guard value.isCanonical else { throw .malformed("Numbers in a profile are integers.") }
    }

    private func setField(
        _ key: String, to value: JSON?, of user: UserID, propagation: ProfilePropagation
    ) async throws {
        try await writer.perform { [memberEvents] context in
            guard let room = try context.profileRoom(of: user) else {
                throw ProfileError.notFound("There is no user \(user).")
            }
            _ = try context.requireRoom(room)
            let before = try context.profileContent(of: user)
            let value = ProfileContent.value(value, for: key)
            let content = PublicProfile.content(before, setting: key, to: value)
            if content != before {
                try context.send(EventRequest(type: .profile, stateKey: "", sender: user, content: content), in: room)
            }
            guard MemberFieldRules.fields.contains(key) else { return }
            try memberEvents.begin(of: user, propagation, of: key, from: before[key], to: value, in: context)
        }
    }

    private func setStatus(to value: JSON?, of user: UserID) async throws {
        guard let content = value.map({ $0.objectValue }) ?? [:] else {
            throw ProfileError.malformed("A status is an object with \"text\" and \"emoji\".")
        }
        let status = try StatusContent(checking: content)
        try await writer.perform { context in try context.setStatus(status, of: user) }
    }

    private func setProgramField(_ field: AudienceField, to content: JSONObject?, by device: DeviceKey) async throws {
        try await writer.perform { [presence] context in
            // A call is over when its device is logged out: one written after that would stand for minutes.
            guard presence.isLoggedIn(device, context) else { throw PresenceError.loggedOut }
            try context.setProgramField(
                field, to: content, of: device.user, by: device.device, isHiding: presence.isHiding(device.user))
            if field == .call { try presence.callChanged(to: content, of: device.user, by: device.device, in: context) }
        }
    }
}

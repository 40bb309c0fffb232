import HearthStore
public import MatrixModel
import SubscriptionCore

/// What is told of one user's profile, under the names that the client asked for.
public struct ProfileUpdate: Sendable {
    public let user: UserID
    /// The new values in the order of their names, nil for a field that is no more; nil altogether where no room is shared any more.
    public let fields: [(name: String, value: JSON?)]?

    public init(user: UserID, fields: [(name: String, value: JSON?)]?) {
        self.user = user
        self.fields = fields
    }
}

extension SyncAssembly {
    /// Whether anything is news of profiles that memory does not hold.
    var needsProfiles: Bool { !plan.roomsLeftBySomebody.isEmpty || plan.profiles.contains { $0.others != .unchanged } }

    /// The token of an answer with nothing new: the one that the client gave, which now stands for the fields that it asks for.
    func knowing(_ since: SyncToken) -> SyncToken {
        guard let digest = profileDigest, since.profiles != digest else { return since }
        var token = since
        token.profiles = digest
        return token
    }

    func addProfiles(to response: inout SyncResponse, store: StoreTransaction?) throws {
        let fields = request.filter.profileFields
        for profile in plan.profiles.sorted(by: { $0.user.rawValue.precedesInBytes($1.user.rawValue) }) {
            if profile.isGone {
                response.profiles.append(ProfileUpdate(user: profile.user, fields: nil))
                continue
            }
            var updates: [(name: String, value: JSON?)] = []
            for (field, news) in profile.audience {
                for name in fields.audience[field] ?? [] { updates.append((name, news.json)) }
            }
            if profile.others != .unchanged, let store { updates += try others(of: profile, named: fields.others, store: store) }
            if updates.isEmpty { continue }
            updates.sort { $0.name.precedesInBytes($1.name) }
            response.profiles.append(ProfileUpdate(user: profile.user, fields: updates))
        }
        guard let store, let since, !plan.roomsLeftBySomebody.isEmpty else { return }
        var told = Set(response.profiles.map(\.user))
        for room in plan.roomsLeftBySomebody {
            for user in try store.memberships.strangers(to: device.user, whoLeft: room, after: since)
            where told.insert(user).inserted {
                response.profiles.append(ProfileUpdate(user: user, fields: nil))
            }
        }
    }

    private func others(
        of profile: ProfilePlan, named names: [String], store: StoreTransaction
    ) throws -> [(name: String, value: JSON?)] {
        guard let room = profile.room else { return [] }
        func content(at position: StreamPosition) throws -> JSONObject? {
            try store.events.state(StateKey(.profile), of: room, at: position)?.content
        }
        if profile.others == .anew {
            // Where nothing ever stood there is nothing to take back.
            guard let now = try content(at: plan.position) else { return [] }
            return names.map { ($0, PublicProfile.value(of: $0, in: now)) }
        }
        let now = try content(at: plan.position) ?? [:]
        let before = profile.others == .whole ? now : try content(at: since ?? .zero) ?? [:]
        let isWhole = profile.others != .changed
        return names.compactMap { name in
            let value = PublicProfile.value(of: name, in: now)
            if value != PublicProfile.value(of: name, in: before) { return (name, value) }
            return isWhole && value != nil ? (name, value) : nil
        }
    }
}

extension ProfilePlan.News {
    fileprivate var json: JSON? {
        switch self {
        case .value(let content): .object(content)
        case .removed: nil
        }
    }
}

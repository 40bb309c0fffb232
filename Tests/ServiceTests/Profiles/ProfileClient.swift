import HearthServices
import MatrixModel
import PresenceCore
import SubscriptionCore

/// A client that keeps what `/sync` tells of profiles, as matrix-js-sdk keeps it: new values go over old ones, a user without updates is
/// forgotten.
struct ProfileClient {
    let device: DeviceKey
    private(set) var names: [String] = []
    private(set) var since: SyncToken?
    private(set) var known: [UserID: [String: JSON]] = [:]

    init(_ device: DeviceKey) { self.device = device }

    /// The client is updated and asks for other fields from now on; what it does not ask for any more it does not keep.
    mutating func ask(for names: [String]) {
        self.names = names
        known = known.mapValues { $0.filter { names.contains($0.key) } }
    }

    func request(timeout: Duration = .zero) throws -> SyncRequest {
        let ids = JSON.array(names.map { .string($0) })
        let filter: JSONObject = [ProfileFields.filterKey: ["ids": ids], "presence": ["not_types": ["*"]]]
        return SyncRequest(since: since, timeout: timeout, filter: try SyncFilter(parsing: filter), claim: .silent)
    }

    /// - Returns: the users of whom something was told.
    @discardableResult
    mutating func apply(_ response: SyncResponse) -> Set<UserID> {
        since = response.nextBatch
        for update in response.profiles {
            guard let fields = update.fields else {
                known[update.user] = nil
                continue
            }
            for (name, value) in fields { known[update.user, default: [:]][name] = value }
        }
        return Set(response.profiles.map(\.user))
    }

    /// What it knows of users of whom it knows anything.
    var shown: [UserID: [String: JSON]] { known.filter { !$0.value.isEmpty } }
}

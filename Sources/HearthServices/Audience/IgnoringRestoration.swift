import HearthStore
import MatrixModel
import SubscriptionCore

/// Whom everybody ignores, from the store.
enum IgnoringRestoration {
    static func restore(_ engine: inout SubscriptionEngine, from store: StoreTransaction) throws {
        var ends = try store.endsOfIgnoring.all()
        try store.restoration.eachAccountData(.ignoredUsers) { stored in
            let users = IgnoredUsers.users(in: stored.content, of: stored.user)
            engine.restoreIgnoring(
                IgnoredUsers(users: users, endings: ends.removeValue(forKey: stored.user) ?? [:], lastChange: stored.position),
                of: stored.user)
        }
        // Of whose list cannot be read any more, what was missed is still missed.
        for (user, ends) in ends { engine.restoreIgnoring(IgnoredUsers(users: [], endings: ends, lastChange: .zero), of: user) }
    }
}

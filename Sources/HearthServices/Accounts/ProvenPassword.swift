import HearthStore
import MatrixModel

/// A password that was found right: whose it is, and the stored hash that it matched.
///
/// Checking a password takes a tenth of a second, and what it allows is written later. Meanwhile the password may have been changed, or the
/// account ended. So a proof allows nothing by itself: whatever is written because of it asks inside its transaction whether it
/// still stands (``stands(in:)``).
struct ProvenPassword: Sendable, Hashable {
    let user: UserID
    /// As it is stored, with its salt: no two changes of a password store the same.
    let hash: String

    /// Whether the hash that the password matched is still the user's.
    ///
    /// - Throws: ``AccountError/userDeactivated``, or the store's error.
    func stands(in context: WriteContext) throws -> Bool {
        guard let stored = try context.transaction.users.user(user), !stored.isDeactivated else {
            throw AccountError.userDeactivated
        }
        return stored.passwordHash == hash
    }
}

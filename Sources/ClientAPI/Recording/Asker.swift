import MatrixModel
import Synchronization

/// Who turned out to ask, noted where the token is looked at and read where the request is recorded.
final class Asker: Sendable {
    private let state = Mutex<UserID?>(nil)

    var user: UserID? { state.withLock { $0 } }

    func note(_ user: UserID) { state.withLock { $0 = user } }
}

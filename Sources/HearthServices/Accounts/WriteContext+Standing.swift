import HearthStore
import MatrixModel

/// Whether the one who asks still may, once an operation has its turn.
///
/// A request is authenticated before it waits for the writer. What it then wrote for a device or an account that has ended meanwhile nobody
/// would ever take back.
extension WriteContext {
    /// - Throws: ``AccountError/unknownToken`` for a device that was logged out.
    func requireDevice(_ device: DeviceKey) throws {
        guard try transaction.devices.has(device) else { throw AccountError.unknownToken }
    }

    /// - Throws: ``AccountError/unknownToken`` for an account that has ended.
    func requireAccount(_ user: UserID) throws {
        guard try transaction.users.user(user)?.isDeactivated == false else { throw AccountError.unknownToken }
    }
}

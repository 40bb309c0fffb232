import HearthStore
import MatrixModel
import PresenceCore
import Synchronization

/// Calls that a profile tells of (`m.call`): a claim of `busy` by the device that wrote it, which the server takes back when that device is
/// gone. The field itself is in ``WriteContext/setProgramField(_:to:of:by:isHiding:)``.
extension PresenceService {
    /// The field is written, or removed by nil, inside the operation that does it.
    func callChanged(to content: JSONObject?, of user: UserID, by device: DeviceID?, in context: WriteContext) throws {
        let fact = PresenceFact(cause: .call, device: device, time: context.now.monotonic)
        try changeChoices(of: user, because: fact, in: context) { engine, now in
            guard content != nil else { return .success(engine.callRemoved(of: user, at: now)) }
            return .success(engine.callWritten(by: device, of: user, at: now))
        }
        context.afterCommit { [self] in alarm.ring() }
    }

    /// Removes the field of a call that is over, unless somebody has written another one since.
    func hangUp(_ user: UserID, in context: WriteContext) throws {
        guard state.withLock({ $0.engine.call(of: user) }) == nil, try context.standingCall(of: user) != nil else { return }
        try context.setProgramField(.call, to: nil, of: user, by: nil, isHiding: isHiding(user))
    }
}

extension WriteContext {
    /// The call that a user's profile tells of.
    func standingCall(of user: UserID) throws -> StoredProgramField? {
        try transaction.programFields.fields(of: user).first { $0.field == AudienceField.call.rawValue && $0.content != nil }
    }
}

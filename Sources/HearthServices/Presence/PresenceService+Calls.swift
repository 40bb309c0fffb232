import HearthRuntime
import HearthStore
import Logging
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

    /// Removes the field of a call that is over, unless somebody has written another one since, and what else a device wrote that is gone.
    func hangUp(_ user: UserID, in context: WriteContext) throws {
        for standing in try context.transaction.programFields.fields(of: user) where standing.content != nil {
            guard let field = AudienceField(rawValue: standing.field) else { continue }
            let isOver =
                field == .call
                ? state.withLock { $0.engine.call(of: user) } == nil
                : try context.transaction.isLeftBehind(standing)
            if isOver { try context.setProgramField(field, to: nil, of: user, by: nil, isHiding: isHiding(user)) }
        }
    }

    /// Finds the fields whose devices were logged out right before the last stop, so that nothing took them back.
    func findLeftBehind() async {
        do {
            let users = try await store.read { store in
                try store.programFields.all().filter { try $0.content != nil && store.isLeftBehind($0) }.map(\.user)
            }
            state.withLock { $0.toHangUp.formUnion(users) }
        } catch {
            logger.warning(
                "fields of profiles whose devices are gone could not be looked for; the next start does it",
                metadata: ["reason": "\(error)"])
        }
    }
}

extension StoreTransaction {
    /// Whether the device that wrote a field is no more.
    fileprivate func isLeftBehind(_ field: StoredProgramField) throws -> Bool {
        guard let device = field.device else { return false }
        return try !devices.has(DeviceKey(user: field.user, device: device))
    }
}

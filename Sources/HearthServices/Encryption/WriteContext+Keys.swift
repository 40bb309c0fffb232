import HearthStore
import MatrixModel
import SubscriptionCore

extension WriteContext {
    /// Notes that a user's devices or keys are others now: who shares a room with the user is told to ask for them again.
    func noteKeysChanged(of user: UserID) throws {
        let position = nextPosition()
        try transaction.deviceListChanges.note(user, at: position)
        tell(.keysChanged(user: user, at: position))
    }

    /// What others can begin encrypted sessions with a device with.
    func keyCounts(of device: DeviceKey) throws -> KeyCounts {
        KeyCounts(
            oneTimeKeys: try transaction.oneTimeKeys.counts(of: device),
            unusedFallbackTypes: try transaction.fallbackKeys.unusedAlgorithms(of: device))
    }

    /// Deletes what belongs to one identity of a device: keys that it signed and signatures of it.
    func deleteIdentity(of device: DeviceKey) throws {
        try transaction.oneTimeKeys.deleteAll(of: device)
        try transaction.fallbackKeys.deleteAll(of: device)
        try transaction.keySignatures.delete(of: device.user, key: device.device.rawValue)
        try transaction.keySignatures.delete(by: device.user, signingKey: "ed25519:\(device.device.rawValue)")
    }
}

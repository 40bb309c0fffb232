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

    /// Deletes everything of a device that ends: its keys, what others signed of them, and the messages that wait for it.
    func deleteEncryption(of device: DeviceKey) throws {
        try deleteIdentity(of: device)
        try transaction.toDevice.deleteAll(of: device)
        if try transaction.deviceKeys.delete(of: device) { try noteKeysChanged(of: device.user) }
    }

    /// Deletes what belongs to one identity of a device: keys that it signed and signatures of it.
    func deleteIdentity(of device: DeviceKey) throws {
        try transaction.oneTimeKeys.deleteAll(of: device)
        try transaction.fallbackKeys.deleteAll(of: device)
        try transaction.keySignatures.delete(of: device.user, key: device.device.rawValue)
        try transaction.keySignatures.delete(by: device.user, signingKey: "ed25519:\(device.device.rawValue)")
    }

    /// Deletes everything of a user whose account ends, but for the devices, which end by themselves.
    func deleteEncryption(of user: UserID) throws {
        for usage in CrossSigningUsage.allCases { try transaction.crossSigningKeys.delete(usage, of: user) }
        try transaction.keySignatures.deleteAll(of: user)
        try begin(.keyBackups(of: user))
        try transaction.keyBackups.deleteVersions(of: user)
    }
}

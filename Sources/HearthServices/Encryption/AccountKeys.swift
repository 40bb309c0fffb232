import HearthStore
import MatrixModel

/// What becomes of keys, of messages to devices and of key backups with devices and accounts.
struct AccountKeys: AccountFollower {
    let followUps: FollowUpQueue

    /// A device's name is shown with its keys: whoever tracks them is told of a new one.
    func deviceRenamed(_ device: DeviceKey, in context: WriteContext) throws {
        if try context.transaction.deviceKeys.keys(of: device) != nil { try context.noteKeysChanged(of: device.user) }
    }

    /// Deletes everything of a device that ends: its keys, what others signed of them, and the messages that wait for it.
    func deviceEnds(_ device: DeviceKey, in context: WriteContext) throws {
        try context.deleteIdentity(of: device)
        try context.transaction.toDevice.deleteAll(of: device)
        if try context.transaction.deviceKeys.delete(of: device) { try context.noteKeysChanged(of: device.user) }
    }

    /// Deletes everything of a user whose account ends, but for the devices, which end by themselves.
    func accountEnds(_ user: UserID, in context: WriteContext) throws {
        for usage in CrossSigningUsage.allCases { try context.transaction.crossSigningKeys.delete(usage, of: user) }
        try context.transaction.keySignatures.deleteAll(of: user)
        _ = try followUps.begin(.keyBackups(of: user), in: context) { try Self.deleteSome(of: user, in: context) }
        try context.transaction.keyBackups.deleteVersions(of: user)
    }

    /// Goes on with the deletion of a user's key backups.
    static func step(_ pending: FollowUpQueue.Pending, in context: WriteContext) throws -> FollowUp.Cursor? {
        guard case .keyBackups(let user) = pending.followUp else { return nil }
        return try deleteSome(of: user, in: context)
    }

    private static func deleteSome(of user: UserID, in context: WriteContext) throws -> FollowUp.Cursor? {
        let count = try context.transaction.keyBackupSessions.deleteSome(FollowUp.sessions, of: user)
        return count == FollowUp.sessions ? .user(user) : nil
    }
}

/// What clients need to encrypt to each other: keys, messages to devices, and key backups.
public struct EncryptionServices: Sendable {
    public let keys: KeyService
    public let toDevice: ToDeviceService
    public let backups: KeyBackupService

    public init(writer: RoomWriter, notifier: StreamNotifier, accounts: AccountService, limits: UserLimits) {
        keys = KeyService(writer: writer, notifier: notifier, accounts: accounts, limitsClaims: limits.isEnabled)
        toDevice = ToDeviceService(writer: writer, limits: limits)
        backups = KeyBackupService(writer: writer)
    }
}

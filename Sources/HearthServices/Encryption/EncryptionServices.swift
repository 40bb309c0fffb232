/// What clients need to encrypt to each other: keys, messages to devices, and key backups.
public struct EncryptionServices: Sendable {
    public let keys: KeyService
    public let toDevice: ToDeviceService
    public let backups: KeyBackupService
}

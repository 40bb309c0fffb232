/// What one user may have stored. Whoever has more, since a quota was lowered, keeps it: only more is refused.
public struct Quotas: Sendable, Equatable {
    /// Bytes of account data, global and of all rooms, tags included.
    public var accountData = 10_485_760
    /// Types of account data: globally, and in each room.
    public var accountDataTypes = 1_000
    /// Filters that differ.
    public var filters = 100
    /// Devices.
    public var devices = 200
    /// Bytes that wait for one device.
    public var toDeviceWaiting = 67_108_864
    /// Bytes that wait for others' devices, by their sender.
    public var toDeviceSent = 1_073_741_824
    /// Bytes of key backups, all versions together.
    public var keyBackup = 268_435_456
    /// One-time keys of a device.
    public var oneTimeKeys = 1_000
    /// Transaction ids of messages to devices that are remembered.
    public var transactions = 10_000
    /// Receipts of a user in one room: every thread has one.
    public var receipts = 1_000
    /// Room aliases that a user made.
    public var aliases = 1_000
    /// Rooms that a user makes in an hour.
    public var roomsPerHour = 100
    /// Bytes of events that a user stores in an hour.
    public var eventBytesPerHour = 134_217_728

    public init() {}
}

/// A user has as much of something as may be. What is there can still be read and taken away.
public struct QuotaExceeded: Error, Equatable {
    /// Of what there is too much, and what it means to a client.
    public enum Resource: Sendable, Equatable {
        /// 413 `M_TOO_LARGE`.
        case accountData, keyBackup
        /// 403 `M_FORBIDDEN`.
        case accountDataTypes, filters, aliases
    }

    public let resource: Resource
    /// Bytes or things, as the setting counts.
    public let limit: Int

    public init(_ resource: Resource, limit: Int) {
        self.resource = resource
        self.limit = limit
    }
}

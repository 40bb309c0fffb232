import HearthSettings
public import HearthStore
public import MatrixModel

extension AccountService {
    /// The user's devices in the order of their ids.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3devices).
    public func devices(of user: UserID) async throws(AccountError) -> [StoredDevice] {
        try await read { try $0.devices.devices(of: user) }
    }

    /// One of the user's devices.
    public func device(_ key: DeviceKey) async throws(AccountError) -> StoredDevice {
        guard let device = try await read({ try $0.devices.device(key) }) else { throw .deviceNotFound }
        return device
    }

    /// Names a device. Nil leaves the name as it is, as the spec says of an absent one.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3devicesdeviceid).
    public func setDisplayName(_ name: String?, of key: DeviceKey) async throws(AccountError) {
        try Self.check(displayName: name)
        try await write { context in
            guard let device = try context.transaction.devices.device(key) else { throw AccountError.deviceNotFound }
            guard let name else { return }
            try context.transaction.devices.setDisplayName(name, of: key)
            try self.noteName(name, of: key, after: device.displayName, in: context)
        }
    }

    /// Deletes devices of the requester's user, who gives the password once more. Ids that are no devices (any more) are passed over.
    ///
    /// [Spec](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3delete_devices).
    public func deleteDevices(_ devices: [DeviceID], by requester: Requester, auth: UIAuth?) async throws(AccountError) {
        try await confirmed(.deviceDeletion(devices), by: requester, auth: auth) { pass throws(AccountError) in
            try await self.write { context in
                guard try self.stands(pass, for: requester, in: context) else { return Void?.none }
                for device in devices {
                    let key = DeviceKey(user: requester.user, device: device)
                    if try context.transaction.devices.has(key) { try self.end(key, in: context) }
                }
                return ()
            }
        }
    }

    /// How long a device with keys must not have been heard of to make room for a new one.
    static let spareAfter: Duration = .seconds(90 * 24 * 3600)

    /// Ends a device of a user who has as many as may be: the one that was used least lately of those without keys for encryption, which
    /// programs leave behind that log in for each of their runs. A device with keys cannot be had back: one goes only when nobody has heard
    /// of it for three months.
    func makeRoomForDevice(of user: UserID, in context: WriteContext) throws {
        let (table, most) = (context.transaction.devices, quotas.devices)
        guard try table.count(of: user, atMost: most) >= most else { return }
        // Which one was used least is to be decided by what is, not by what was a minute ago.
        try writer.catchUp(in: context)
        if let (spare, _) = try table.leastRecentlyUsed(of: user, withKeys: false) { return try end(spare, in: context) }
        guard let (spare, heard) = try table.leastRecentlyUsed(of: user, withKeys: true),
            heard.advanced(by: Self.spareAfter) < context.now.wall
        else { throw AccountError.tooManyDevices(limit: most) }
        try end(spare, in: context)
    }
}

public import MatrixModel

/// A part of the server that keeps up with accounts and their devices, inside the operation that changes them: all of it is one transaction.
///
/// All follow one after the other, in the order that the wiring states.
public protocol AccountFollower: Sendable {
    /// There is a new account.
    func registered(_ user: UserID, in context: WriteContext) throws
    /// A device has another name.
    func deviceRenamed(_ device: DeviceKey, in context: WriteContext) throws
    /// A device logs out, or is ended otherwise. Its rows are still there.
    func deviceEnds(_ device: DeviceKey, in context: WriteContext) throws
    /// A user has a new password; whoever holds the other devices may not be the user.
    func passwordChanged(by device: DeviceKey, in context: WriteContext) throws
    /// An account ends for good: what the user has goes. The account's rows and its devices are still there; these end after it.
    func accountEnds(_ user: UserID, in context: WriteContext) throws
}

extension AccountFollower {
    public func registered(_: UserID, in _: WriteContext) throws {}
    public func deviceRenamed(_: DeviceKey, in _: WriteContext) throws {}
    public func deviceEnds(_: DeviceKey, in _: WriteContext) throws {}
    public func passwordChanged(by _: DeviceKey, in _: WriteContext) throws {}
    public func accountEnds(_: UserID, in _: WriteContext) throws {}
}

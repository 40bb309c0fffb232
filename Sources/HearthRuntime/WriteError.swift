import HearthStore

/// Why a write could not be made though the request was right.
public enum WriteError: Error, Equatable {
    /// The disk is full. Reads go on; writes work again once there is room.
    case storageFull
    /// The store failed otherwise.
    case storageUnavailable
    /// Too many writes wait.
    case overloaded
    case shuttingDown

    package init(_ error: any Error) {
        if let error = error as? StoreError, error == .full { self = .storageFull } else { self = .storageUnavailable }
    }
}

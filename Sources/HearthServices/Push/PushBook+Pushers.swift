import HearthRuntime
import HearthStore
import MatrixModel
import PushCore

/// Pushers inside the writer's operations.
extension PushBook {
    /// How many pushers a user may have; those that were there before this bound stay.
    static let mostPushers = 10

    /// Makes, changes or deletes a pusher. A new one starts with what comes next; a changed one goes on where it was.
    ///
    /// - Throws: ``PusherError``, or ``AccountError/unknownToken`` for a device that was logged out meanwhile: nothing would ever end what it set.
    func setPusher(_ request: PusherRequest, by device: DeviceKey, in context: WriteContext) throws {
        try context.requireDevice(device)
        let key = PusherKey(user: device.user, appID: request.appID, pushkey: request.pushkey)
        guard let settings = request.settings else { return try deletePusher(key, in: context) }
        let others = try context.transaction.pushers.names(appID: request.appID, pushkey: request.pushkey)
        if !settings.keepsOthers {
            for other in others where other.user != device.user { try deletePusher(other.key, in: context) }
        }
        let standing = try context.transaction.pushers.pusher(of: key.user, appID: key.appID, pushkey: key.pushkey)
        if standing == nil, try context.transaction.pushers.names(of: key.user).count >= Self.mostPushers {
            throw PusherError.tooMany(Self.mostPushers)
        }
        // What another gateway failed at is not held against a new one.
        let isSameGateway = standing?.json["data"]?.objectValue?["url"] == settings.json["data"]?.objectValue?["url"]
        // How far it is stands at the desk, and in its row a second later.
        let progress = standing == nil ? nil : withState { $0.desk.progress(of: key) }
        let health = isSameGateway ? progress?.health ?? standing?.health : nil
        let pusher = StoredPusher(
            user: key.user, appID: key.appID, pushkey: key.pushkey, device: device.device, json: settings.json,
            set: context.now.wall,
            position: progress?.position ?? standing?.position ?? context.memory.position, lastSuccess: health?.lastSuccess,
            lastFailure: health?.lastFailure)
        try context.transaction.pushers.set(pusher)
        context.afterCommit { [self] in
            withState { state in
                state.desk.set(
                    pusher.key, device: pusher.device, gateway: pusher.gateway, position: pusher.position,
                    health: isSameGateway ? nil : PusherHealth())
            }
            alarm.ring()
        }
    }

    func deletePusher(_ key: PusherKey, in context: WriteContext) throws {
        try context.transaction.pushers.delete(of: key.user, appID: key.appID, pushkey: key.pushkey)
        context.afterCommit { [self] in
            withState { $0.desk.remove(key) }
            alarm.ring()
        }
    }

    /// Deletes the pushers that a device set.
    func deletePushers(of device: DeviceKey, in context: WriteContext) throws {
        for pusher in try context.transaction.pushers.names(of: device.user) where pusher.device == device.device {
            try deletePusher(pusher.key, in: context)
        }
    }

    /// Deletes the pushers that a user's other devices set.
    func deletePushers(ofOthersThan device: DeviceKey, in context: WriteContext) throws {
        for pusher in try context.transaction.pushers.names(of: device.user) where pusher.device != device.device {
            try deletePusher(pusher.key, in: context)
        }
    }
}

extension PushBook: AccountFollower {
    func deviceEnds(_ device: DeviceKey, in context: WriteContext) throws { try deletePushers(of: device, in: context) }

    /// A device that the user does not trust any more is told nothing, even where it stays logged in.
    func passwordChanged(by device: DeviceKey, in context: WriteContext) throws {
        try deletePushers(ofOthersThan: device, in: context)
    }

    func accountEnds(_ user: UserID, in context: WriteContext) throws { change(to: .standard, of: user, in: context) }
}

import HearthStore
import MatrixModel
import PushCore

extension WriteContext {
    /// How many pushers a user may have; those that were there before this bound stay.
    static let mostPushers = 10

    /// Makes, changes or deletes a pusher. A new one starts with what comes next; a changed one goes on where it was.
    func setPusher(_ request: PusherRequest, by device: DeviceKey) throws {
        let key = PusherKey(user: device.user, appID: request.appID, pushkey: request.pushkey)
        guard let settings = request.settings else { return try deletePusher(key) }
        let others = try transaction.pushers.names(appID: request.appID, pushkey: request.pushkey)
        if !settings.keepsOthers { for other in others where other.user != device.user { try deletePusher(other.key) } }
        let standing = try transaction.pushers.pusher(of: key.user, appID: key.appID, pushkey: key.pushkey)
        if standing == nil, try transaction.pushers.names(of: key.user).count >= Self.mostPushers {
            throw PusherError.tooMany(Self.mostPushers)
        }
        // What another gateway failed at is not held against a new one.
        let isSameGateway = standing?.json["data"]?.objectValue?["url"] == settings.json["data"]?.objectValue?["url"]
        // How far it is stands at the desk, and in its row a second later.
        let progress = standing == nil ? nil : push.withState { $0.desk.progress(of: key) }
        let health = isSameGateway ? progress?.health ?? standing?.health : nil
        let pusher = StoredPusher(
            user: key.user, appID: key.appID, pushkey: key.pushkey, device: device.device, json: settings.json, set: now.wall,
            position: progress?.position ?? standing?.position ?? memory.position, lastSuccess: health?.lastSuccess,
            lastFailure: health?.lastFailure)
        try transaction.pushers.set(pusher)
        let push = push
        afterCommit {
            push.withState { state in
                state.desk.set(
                    pusher.key, device: pusher.device, gateway: pusher.gateway, position: pusher.position,
                    health: isSameGateway ? nil : PusherHealth())
            }
            push.alarm.ring()
        }
    }

    func deletePusher(_ key: PusherKey) throws {
        try transaction.pushers.delete(of: key.user, appID: key.appID, pushkey: key.pushkey)
        let push = push
        afterCommit {
            push.withState { $0.desk.remove(key) }
            push.alarm.ring()
        }
    }

    /// Deletes the pushers that a device set.
    func deletePushers(of device: DeviceKey) throws {
        for pusher in try transaction.pushers.names(of: device.user) where pusher.device == device.device {
            try deletePusher(pusher.key)
        }
    }

    /// Deletes the pushers that a user's other devices set.
    func deletePushers(ofOthersThan device: DeviceKey) throws {
        for pusher in try transaction.pushers.names(of: device.user) where pusher.device != device.device {
            try deletePusher(pusher.key)
        }
    }

    /// Forgets the rules of a user whose account data was deleted.
    func forgetPushRules(of user: UserID) {
        let (push, before) = (push, push.rules(of: user))
        push.setRules(.standard, of: user)
        onFailure { push.setRules(before, of: user) }
    }
}

public import HearthStore
public import MatrixModel
public import PresenceCore
import PushCore

/// Brings presence back after a start, from what the store kept of it.
public enum PresenceRestoration {
    /// An engine that knows every user's choices, what stands published, and which devices were in contact lately.
    public static func engine(settings: PresenceSettings, store: StoreTransaction, now: Now) throws -> PresenceEngine {
        var engine = PresenceEngine(settings: settings, startedAt: now)
        let lastAlive = try store.meta.lastAlive()
        // A minute more, which is how exactly contacts are known.
        let reach = max(settings.reachableFor, settings.pusherReachableFor) + .seconds(60)
        let since = min(lastAlive ?? now.wall, now.wall).advanced(by: .zero - reach)
        let inContact = try store.devices.devices(inContactSince: since)
        // A version that did not store when it was alive left its newest contact.
        let stoppedAt = lastAlive ?? inContact.compactMap(\.lastContact).max() ?? now.wall
        var devices = Dictionary(grouping: inContact, by: \.key.user)
        var reachedByPush: Set<DeviceKey> = []
        for pusher in try store.pushers.all() where pusher.health.isWorking(at: now.wall) {
            reachedByPush.insert(DeviceKey(user: pusher.user, device: pusher.device))
        }
        var choices: [UserID: [PresenceChoice]] = [:]
        for stored in try store.presenceChoices.all() {
            if let choice = PresenceChoice(stored.choice) { choices[stored.user, default: []].append(choice) }
        }
        var calls: [UserID: CallClaim] = [:]
        for field in try store.programFields.all() where field.field == AudienceField.call.rawValue && field.content != nil {
            calls[field.user] = CallClaim(device: field.device, written: field.written)
        }
        func restore(_ user: UserID, as stored: StoredPresence?) {
            let devices = (devices.removeValue(forKey: user) ?? []).compactMap { device in
                device.lastContact.map {
                    RestoredDevice(
                        id: device.key.device, lastContact: $0, hasWorkingPusher: reachedByPush.contains(device.key))
                }
            }
            engine.restore(
                RestoredUser(
                    user: user, choices: PresenceChoices(choices.removeValue(forKey: user) ?? []),
                    call: calls.removeValue(forKey: user), published: stored?.published.flatMap { Presence(wire: $0) },
                    lastOnline: stored?.lastOnline, devices: devices),
                stoppedAt: stoppedAt, at: now)
        }
        try store.restoration.eachPresence { restore($0.user, as: $0) }
        for user in Set(devices.keys).union(choices.keys).union(calls.keys) { restore(user, as: nil) }
        return engine
    }
}

import HearthRuntime
import HearthStore
import MatrixModel
import PushCore
import Synchronization

/// What of push is in memory: the rules of all who changed any, and the pushers at their desk.
///
/// Rules change inside the writer's operations, with the store, and go back when the operation fails; so each event is weighed by the rules
/// that stand before it in the stream. State: guarded by its lock.
final class PushBook: Sendable {
    private let state: Mutex<State>
    /// Rung whenever the desk may have something to do.
    let alarm: Alarm

    struct State: Sendable {
        /// The rules of users who changed any; all others have the standard ones.
        var rules: [UserID: PushRuleset] = [:]
        var desk = PusherDesk()
    }

    init(store: Store, clock: any ServerClock) throws {
        var state = State()
        try store.readNow { transaction in
            try transaction.restoration.eachAccountData(.pushRules) { stored in
                state.rules[stored.user] = PushRuleset(parsing: stored.content)
            }
            for pusher in try transaction.pushers.all() {
                state.desk.set(
                    pusher.key, device: pusher.device, gateway: pusher.gateway, position: pusher.position,
                    health: pusher.health)
            }
        }
        self.state = Mutex(state)
        alarm = Alarm(clock: clock)
    }

    func rules(of user: UserID) -> PushRuleset { state.withLock { $0.rules[user] ?? .standard } }

    /// Asks or changes what is in memory: be brief.
    func withState<Value: Sendable>(_ body: (inout sending State) -> sending Value) -> sending Value {
        state.withLock { body(&$0) }
    }

    /// Whoever has the standard rules costs nothing.
    func setRules(_ rules: PushRuleset, of user: UserID) {
        state.withLock { $0.rules[user] = rules == .standard ? nil : rules }
    }

    /// An event was committed that notifies users who have pushers.
    func noticed(_ users: [UserID], at position: StreamPosition) {
        state.withLock { $0.desk.noticed(users, at: position) }
        alarm.ring()
    }
}

extension PushersTable.Name {
    var key: PusherKey { PusherKey(user: user, appID: appID, pushkey: pushkey) }
}

extension StoredPusher {
    var key: PusherKey { PusherKey(user: user, appID: appID, pushkey: pushkey) }
    /// The gateway's host and port.
    var gateway: String {
        let url = json["data"]?.objectValue?["url"]?.stringValue.flatMap { GatewayURL($0) }
        return url.map { "\($0.host):\($0.port)" } ?? ""
    }
    var health: PusherHealth { PusherHealth(lastSuccess: lastSuccess, lastFailure: lastFailure) }
}

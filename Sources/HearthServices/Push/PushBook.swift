import HearthRuntime
import HearthStore
import MatrixModel
import PushCore
import Synchronization

/// What of push is in memory: the rules of all who changed any, and the pushers at their desk.
///
/// Rules are what is on the disk (``RowMirror``); operations go by those that stand before them in the stream. State: guarded by its lock.
final class PushBook: RowMirror {
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

    /// The rules that an operation goes by.
    func rules(of user: UserID, in context: WriteContext) -> PushRuleset {
        if let change = context.changes(of: self)[user] { return change ?? .standard }
        return rules(of: user)
    }

    /// Asks or changes what is in memory: be brief.
    func withState<Value: Sendable>(_ body: (inout sending State) -> sending Value) -> sending Value {
        state.withLock { body(&$0) }
    }

    /// Asks what is in memory, with the rules as an operation sees them: be brief.
    func withState<Value: Sendable>(in context: WriteContext, _ body: (State) -> Value) -> Value {
        let changes = context.changes(of: self)
        if changes.isEmpty { return state.withLock { body($0) } }
        return state.withLock { state in
            // In their place for this moment: a copy would be one of everybody's rules.
            let standing = changes.keys.map { ($0, state.rules[$0]) }
            for (user, rules) in changes { state.rules[user] = rules }
            defer { for (user, rules) in standing { state.rules[user] = rules } }
            return body(state)
        }
    }

    func adopt(_ changes: [UserID: PushRuleset?]) {
        state.withLock { state in
            for (user, rules) in changes { state.rules[user] = rules }
        }
    }

    /// Changes a user's rules together with the store. Users who have the standard ones take no memory.
    func change(to rules: PushRuleset, of user: UserID, in context: WriteContext) {
        context.set(rules == .standard ? nil : rules, for: user, of: self)
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

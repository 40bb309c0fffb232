import HearthRuntime
import MatrixModel

/// What every sync goes by.
struct SyncRules: Sendable {
    let legacy: LegacyPolicy
    /// For how long news of presence alone waits for more, after an answer that held nothing else.
    let presenceWakeInterval: Duration
    let isLoggedIn: @Sendable (DeviceKey) -> Bool
}

/// What requests that wait stand on: what ends their wait, counts them and tells how long they took.
struct RequestWaiting: Sendable {
    let timeouts: Timeouts
    let admission: Admission
    let metrics: ServerMetrics
}

import HearthRuntime
import MatrixModel

/// What every sync goes by.
struct SyncRules: Sendable {
    let legacy: LegacyPolicy
    /// For how long news of presence alone waits for more, after an answer that held nothing else.
    let presenceWakeInterval: Duration
    let isLoggedIn: @Sendable (DeviceKey) -> Bool
}

/// What a waiting request needs: what ends its wait, counts it and tells how long it took.
struct RequestWaiting: Sendable {
    let timeouts: Timeouts
    let admission: Admission
    let metrics: ServerMetrics
}

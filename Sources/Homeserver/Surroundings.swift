package import HearthRuntime
package import HearthServices

/// Dependencies that no setting chooses. Tests replace them.
package struct Surroundings: Sendable {
    package var clock: any ServerClock = SystemClock()
    /// Posts notifications; nil posts them over HTTP.
    package var pushGateway: (any PushGatewayClient)?
    /// How long a request waits for memory for its answer.
    package var patience: Duration = .seconds(20)

    package init() {}
}

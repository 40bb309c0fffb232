package import HearthRuntime
package import HearthServices

/// What a server meets outside of itself and no setting says. Tests put their own there.
package struct Surroundings: Sendable {
    package var clock: any ServerClock = SystemClock()
    /// Posts notifications; nil posts them over HTTP.
    package var pushGateway: (any PushGatewayClient)?
    /// How long a request waits for memory for its answer.
    package var patience: Duration = .seconds(20)

    package init() {}
}

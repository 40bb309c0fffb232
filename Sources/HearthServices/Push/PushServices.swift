/// What clients need to be told of what is new while they are not looking: rules and pushers.
public struct PushServices: Sendable {
    public let rules: PushRuleService
    public let pushers: PusherService
    public let history: NotificationHistory
}

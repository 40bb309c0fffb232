/// What clients need to be told of what is new while they are not looking: rules.
public struct PushServices: Sendable {
    public let rules: PushRuleService

    public init(writer: RoomWriter) {
        rules = PushRuleService(writer: writer)
    }
}

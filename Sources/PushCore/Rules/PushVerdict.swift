public import MatrixModel

/// What a user's rules make of an event.
public struct PushVerdict: Sendable, Equatable {
    public var notifies = false
    /// What the gateway is told of how to show it, by name: `sound`, `highlight` and whatever else the rule sets.
    public var tweaks: JSONObject = [:]

    public init(notifies: Bool = false, tweaks: JSONObject = [:]) {
        self.notifies = notifies
        self.tweaks = tweaks
    }

    /// [Actions](https://spec.matrix.org/v1.16/client-server-api/#actions). `dont_notify` and `coalesce` say nothing any more.
    init(actions: [JSON]) {
        for action in actions {
            if action == "notify" { notifies = true }
            guard let action = action.objectValue, let name = action["set_tweak"]?.stringValue else { continue }
            // A highlight without a value is one.
            tweaks[name] = action["value"] ?? (name == "highlight" ? true : nil)
        }
    }

    public var highlights: Bool { notifies && tweaks["highlight"] == true }
    public var sound: String? { tweaks["sound"]?.stringValue }

    public var level: NoticeLevel { notifies ? (highlights ? .highlight : .notify) : .none }
}

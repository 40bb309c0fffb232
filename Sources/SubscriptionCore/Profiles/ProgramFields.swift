public import MatrixModel

/// What programs have written into one user's profile: `m.call` and `m.rpc`.
public struct ProgramFields: Sendable, Equatable {
    public var call: ProgramField?
    public var richPresence: ProgramField?

    public init() {}

    subscript(field: AudienceField) -> ProgramField? {
        get {
            switch field {
            case .status: nil
            case .call: call
            case .richPresence: richPresence
            }
        }
        set {
            switch field {
            case .status: break
            case .call: call = newValue
            case .richPresence: richPresence = newValue
            }
        }
    }
}

/// One field that a program has written, as its owner and as others see it.
///
/// While the owner appears offline, others see a field as if it had been removed at that moment: `shownPosition` moves only when what
/// they see changes, so that nothing which happens in the meantime can be noticed.
public struct ProgramField: Sendable, Equatable {
    /// The value; nil once it was removed.
    public private(set) var content: JSONObject?
    /// Where the value last changed.
    public private(set) var position: StreamPosition
    /// Where that which others see last changed; zero where they never saw anything.
    public private(set) var shownPosition: StreamPosition
    public private(set) var isWithheld: Bool

    public init(content: JSONObject?, position: StreamPosition, shownPosition: StreamPosition, isWithheld: Bool) {
        self.content = content
        self.position = position
        self.shownPosition = shownPosition
        self.isWithheld = isWithheld
    }

    /// A field that nobody has written yet.
    public static let absent = ProgramField(content: nil, position: .zero, shownPosition: .zero, isWithheld: false)

    /// What others see.
    public var shownContent: JSONObject? { isWithheld ? nil : content }

    /// The field after its value was written or its owner began or ceased to appear offline, at a position.
    public func changed(to content: JSONObject?, isWithheld: Bool, at position: StreamPosition) -> ProgramField {
        var field = self
        if field.content != content { field.position = position }
        field.content = content
        field.isWithheld = isWithheld && content != nil
        if field.shownContent != shownContent { field.shownPosition = position }
        return field
    }
}

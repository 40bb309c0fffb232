/// Where a setting's value came from, from the strongest to the weakest.
public enum SettingsSource: Sendable, Equatable, CustomStringConvertible {
    case flag, environment, file, builtIn

    public var description: String {
        switch self {
        case .flag: "on the command line"
        case .environment: "in the environment"
        case .file: "in the configuration file"
        case .builtIn: "built in"
        }
    }
}

/// Why settings are refused. Each says what to change, in one sentence.
public enum SettingsError: Error, Equatable, CustomStringConvertible {
    /// No such setting; `nearest` is the known name that is most like it.
    case unknownKey(String, source: SettingsSource, nearest: String)
    case invalidValue(key: String, value: String, source: SettingsSource, expected: String)
    /// A `--set` without `=`.
    case malformedAssignment(String)
    /// Two periods that must come in this order do not.
    case wrongOrder(smaller: String, smallerValue: String, larger: String, largerValue: String)
    /// A body of the largest size would find no room, however quiet it is.
    case noRoomForBody(requestBody: Int, buffers: Int, needed: Int)
    /// A setting that does nothing without another one.
    case incomplete(key: String, needs: String)

    public var description: String {
        switch self {
        case .unknownKey(let key, let source, let nearest):
            "there is no setting \"\(key)\" (\(source)); did you mean \"\(nearest)\"?"
        case .invalidValue(let key, let value, let source, let expected):
            "\"\(value)\" is no value for \(key) (\(source)): it takes \(expected)"
        case .malformedAssignment(let text):
            "\"\(text)\" sets nothing: write --set KEY=VALUE"
        case .wrongOrder(let smaller, let smallerValue, let larger, let largerValue):
            "\(smaller) (\(smallerValue)) must not be longer than \(larger) (\(largerValue)): "
                + "shorten the first or lengthen the second"
        case .noRoomForBody(let requestBody, let buffers, let needed):
            "a body of limits.request_body (\(requestBody)) does not fit into limits.buffers (\(buffers)): "
                + "raise limits.buffers to \(needed), or lower limits.request_body"
        case .incomplete(let key, let other): "\(key) is set and \(other) is not: set both, or neither"
        }
    }
}

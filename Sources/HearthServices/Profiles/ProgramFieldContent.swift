import MatrixModel

/// What programs may write into a profile.
enum ProgramFieldContent {
    /// How many bytes of canonical JSON one field has at most: every device that wants to know is told the whole of it, again and again.
    static let largest = 4_096

    /// `m.call` ([MSC4426](https://github.com/matrix-org/matrix-spec-proposals/pull/4426)): an object in which `call_joined_ts`, if it is there,
    /// is a number of seconds.
    ///
    /// - Throws: ``ProfileError/malformed(_:)`` or ``ProfileError/tooLarge``.
    static func call(_ value: JSON) throws(ProfileError) -> JSONObject {
        let content = try object(value, what: "A call")
        if let joined = content["call_joined_ts"] {
            guard let seconds = joined.integerValue, seconds >= 0 else {
                throw .malformed("\"call_joined_ts\" of a call is a number of seconds, 0 or more.")
            }
        }
        return content
    }

    /// `m.rpc`: any object.
    static func richPresence(_ value: JSON) throws(ProfileError) -> JSONObject { try object(value, what: "A rich presence") }

    private static func object(_ value: JSON, what: String) throws(ProfileError) -> JSONObject {
        guard let content = value.objectValue else { throw .malformed("\(what) is an object.") }
        guard value.isCanonical else { throw .malformed("Numbers in a profile are integers.") }
        guard content.bytes.count <= largest else { throw .tooLarge }
        guard !value.nests(deeperThan: JSONParseOptions.storedDepth) else { throw .malformed("\(what) nests too deep.") }
        return content
    }
}

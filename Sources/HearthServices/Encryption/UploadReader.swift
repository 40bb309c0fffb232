import MatrixModel

/// Reads the members of an uploaded object and names what is wrong with them. Null counts as absent.
struct UploadReader {
    let json: JSONObject
    /// How the object is called in sentences.
    let name: String

    init(_ json: JSONObject, named name: String) {
        self.json = json
        self.name = name
    }

    func optionalObject(_ key: String) throws(KeyError) -> JSONObject? {
        try value(key, "an object", \.objectValue)
    }

    func object(_ key: String) throws(KeyError) -> JSONObject { try required(key, try optionalObject(key)) }

    func string(_ key: String) throws(KeyError) -> String {
        try required(key, try value(key, "a string", \.stringValue))
    }

    func strings(_ key: String) throws(KeyError) -> [String] {
        let values = try required(key, try value(key, "a list of strings", \.arrayValue))
        let strings = values.compactMap(\.stringValue)
        guard strings.count == values.count else { throw .malformed("\"\(key)\" of \(name) is a list of strings.") }
        return strings
    }

    /// An object whose members are all strings.
    func stringMap(_ key: String) throws(KeyError) -> [(key: String, value: String)] {
        var pairs: [(key: String, value: String)] = []
        for member in try object(key).members {
            guard let value = member.value.stringValue else { throw .malformed("\"\(key)\" of \(name) maps to strings.") }
            pairs.append((key: member.key, value: value))
        }
        return pairs
    }

    /// Refuses what cannot be signed, and what is too large.
    func requireCanonical(atMost limit: Int) throws(KeyError) {
        guard JSON.object(json).isCanonical else {
            throw .malformed("Numbers in \(name) are integers between -(2^53 - 1) and 2^53 - 1.")
        }
        guard json.bytes.count <= limit else { throw .tooLarge("\(name) has at most \(limit) bytes.") }
    }

    private func value<Value>(
        _ key: String, _ expected: String, _ extract: (JSON) -> Value?
    ) throws(KeyError) -> Value? {
        guard let value = json[key], !value.isNull else { return nil }
        guard let extracted = extract(value) else { throw .malformed("\"\(key)\" of \(name) is \(expected).") }
        return extracted
    }

    private func required<Value>(_ key: String, _ value: Value?) throws(KeyError) -> Value {
        guard let value else { throw .missing("\"\(key)\" of \(name) is missing.") }
        return value
    }
}

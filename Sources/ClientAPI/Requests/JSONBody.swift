import HTTPTypes
import HearthRuntime
import HearthServices
package import MatrixModel

/// A JSON object from a client, with accessors that name the member they stumble over.
///
/// An optional member that is null counts as absent. A member of the wrong type is 400 `M_BAD_JSON`, a missing one 400
/// `M_MISSING_PARAM`.
package struct JSONBody: Sendable {
    let json: JSONObject
    /// The memory that a large one takes as long as somebody holds it.
    var loans: [MemoryLoan] = []

    init(_ json: JSONObject) { self.json = json }

    /// - Throws: 400 `M_NOT_JSON` for what is not JSON, `M_BAD_JSON` for JSON that Matrix does not take or that is no object.
    init(parsing bytes: some Sequence<UInt8>) throws(ClientFailure) {
        let value: JSON
        do throws(JSONParseError) {
            value = try JSON(parsing: bytes, options: .clientRequest)
        } catch {
            throw ClientFailure(error)
        }
        guard let object = value.objectValue else { throw .badJSON("A JSON object is needed here.") }
        json = object
    }

    /// The value of a member; nil when it is absent or null.
    package subscript(key: String) -> JSON? { json[key].flatMap { $0.isNull ? nil : $0 } }

    package func string(_ key: String) throws(ClientFailure) -> String? { try value(key, "a string", \.stringValue) }
    package func bool(_ key: String) throws(ClientFailure) -> Bool? { try value(key, "true or false", \.boolValue) }
    package func integer(_ key: String) throws(ClientFailure) -> Int64? { try value(key, "an integer", \.integerValue) }
    func array(_ key: String) throws(ClientFailure) -> [JSON]? { try value(key, "a list", \.arrayValue) }
    func object(_ key: String) throws(ClientFailure) -> JSONBody? {
        try value(key, "an object", \.objectValue).map { JSONBody($0) }
    }

    package func requiredString(_ key: String) throws(ClientFailure) -> String { try required(key, try string(key)) }
    func requiredObject(_ key: String) throws(ClientFailure) -> JSONBody { try required(key, try object(key)) }
    func requiredArray(_ key: String) throws(ClientFailure) -> [JSON] { try required(key, try array(key)) }

    func user(_ key: String) throws(ClientFailure) -> UserID {
        guard let user = UserID(try requiredString(key)) else { throw .invalidParameter("\"\(key)\" is a user id.") }
        return user
    }

    func device(_ key: String) throws(ClientFailure) -> DeviceID? {
        guard let text = try string(key) else { return nil }
        guard let device = DeviceID(text) else { throw .invalidParameter("\"\(key)\" is a device id of 1 to 255 bytes.") }
        return device
    }

    /// The object as the content of an event, whose numbers are integers that canonical JSON allows.
    func eventContent() throws(ClientFailure) -> JSONObject {
        guard JSON.object(json).isCanonical else {
            throw .badJSON("Numbers in events are integers between -(2^53 - 1) and 2^53 - 1.")
        }
        return json
    }

    private func value<Value>(
        _ key: String, _ expected: String, _ extract: (JSON) -> Value?
    ) throws(ClientFailure) -> Value? {
        guard let value = self[key] else { return nil }
        guard let extracted = extract(value) else { throw .badJSON("\"\(key)\" is \(expected).") }
        return extracted
    }

    private func required<Value>(_ key: String, _ value: Value?) throws(ClientFailure) -> Value {
        guard let value else { throw .missingParameter(key) }
        return value
    }
}

extension ClientFailure {
    init(_ error: JSONParseError) {
        switch error {
        case .malformed(let offset):
            self.init(.badRequest, .notJSON, "This is not JSON; it breaks off at byte \(offset).")
        case .unacceptable(let reason, let offset):
            let sentence =
                switch reason {
                case .duplicateKey: "A key comes twice in one object"
                case .loneSurrogate: "A string holds half of a surrogate pair"
                case .nulCharacter: "A string holds U+0000"
                case .notAnInteger: "A number is not an integer"
                case .outOfRange: "A number is out of range"
                case .tooDeep: "Objects and lists are nested too deeply"
                }
            self.init(.badRequest, .badJSON, "\(sentence) (byte \(offset)).")
        }
    }
}

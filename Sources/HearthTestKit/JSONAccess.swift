public import MatrixModel

extension JSON {
    /// The value at the end of a path of keys, such as `json["rooms", "peek", roomID, "state"]`; nil where a key is missing.
    public subscript(path: String...) -> JSON? { value(at: path) }

    /// The `events` of the object at the end of a path of keys; empty where it is missing.
    public func events(at path: String...) -> [JSON] { value(at: path + ["events"])?.arrayValue ?? [] }

    func value(at path: [String]) -> JSON? {
        path.reduce(Optional(self)) { value, key in value?.objectValue?[key] }
    }

    /// The canonical form as text, for messages of failed expectations.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension JSON {
    /// An object of pairs whose keys are computed; later ones win.
    public static func pairs(_ pairs: (String, JSON)...) -> JSON { .object(JSONObject(pairs)) }
}

extension Sequence<JSON> {
    /// The events of one type, and of one state key if it is given.
    public func ofType(_ type: String, stateKey: String? = nil) -> [JSON] {
        filter { event in
            event["type"] == .string(type) && (stateKey.map { event["state_key"] == .string($0) } ?? true)
        }
    }

    /// The contents of the events.
    public var contents: [JSON] { compactMap { $0["content"] } }
}

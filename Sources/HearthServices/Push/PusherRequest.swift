public import MatrixModel

/// A pusher as a client sets it, checked.
///
/// [POST /_matrix/client/v3/pushers/set](https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3pushersset)
public struct PusherRequest: Sendable {
    public let appID: String
    public let pushkey: String
    /// Nil deletes the pusher.
    public let settings: Settings?

    /// What clients get back, in the spec's words.
    public struct Settings: Sendable {
        let json: JSONObject
        /// Whether other users' pushers of the same app and key stay.
        let keepsOthers: Bool
    }

    static let longestAppID = 64
    static let longestPushkey = 512
    static let longestText = 512
    static let largestData = 8192

    public init(parsing json: JSONObject) throws(PusherError) {
        func string(_ key: String, longest: Int) throws(PusherError) -> String? {
            guard let value = json[key], !value.isNull else { return nil }
            guard let text = value.stringValue else { throw .malformed("\"\(key)\" is a string.") }
            guard text.utf8.count <= longest else { throw .invalid("\"\(key)\" has at most \(longest) bytes.") }
            return text
        }
        func required(_ key: String, longest: Int = Self.longestText) throws(PusherError) -> String {
            guard let text = try string(key, longest: longest) else { throw .missing(key) }
            return text
        }
        guard let kind = json["kind"] else { throw .missing("kind") }
        appID = try required("app_id", longest: Self.longestAppID)
        pushkey = try required("pushkey", longest: Self.longestPushkey)
        if appID.isEmpty || pushkey.isEmpty { throw .invalid("\"app_id\" and \"pushkey\" are not empty.") }
        if kind.isNull {
            settings = nil
            return
        }
        guard let kind = kind.stringValue else { throw .malformed("\"kind\" is a string or null.") }
        guard kind == "http" else { throw .invalid("The kind of pushers that this server has is \"http\".") }
        var settings: JSONObject = ["kind": "http"]
        for key in ["app_display_name", "device_display_name", "lang"] { settings[key] = .string(try required(key)) }
        if let tag = try string("profile_tag", longest: Self.longestText) { settings["profile_tag"] = .string(tag) }
        guard let data = json["data"], !data.isNull else { throw .missing("data") }
        guard let data = data.objectValue else { throw .malformed("\"data\" is an object.") }
        guard data.bytes.count <= Self.largestData else { throw .invalid("\"data\" has at most \(Self.largestData) bytes.") }
        guard let url = data["url"] else { throw .missing("url") }
        guard let url = url.stringValue, GatewayURL(url) != nil else {
            throw .invalid("\"url\" is an http or https URL with the path \(GatewayURL.path).")
        }
        settings["data"] = .object(data)
        let append = json["append"] ?? false
        guard let keepsOthers = append.isNull ? false : append.boolValue else { throw .malformed("\"append\" is true or false.") }
        self.settings = Settings(json: settings, keepsOthers: keepsOthers)
    }
}

/// Why a pusher cannot be set.
public enum PusherError: Error, Equatable {
    case missing(String)
    /// A member of the wrong type; the sentence says which.
    case malformed(String)
    /// A value that is not taken.
    case invalid(String)
    /// A user has so many pushers at most.
    case tooMany(Int)
}

import MatrixModel

/// What `m.profile` holds, as everybody reads it.
enum ProfileContent {
    /// What shows of a user in rooms as well.
    static let shownInRooms = ["displayname", "avatar_url"]

    /// Characters of a display name.
    static let longestName = 255
    /// Bytes of an avatar's URI.
    static let longestAvatar = 1_000

    /// What shows in rooms stands in as many events as there are rooms, and each keeps the one before: so it is short.
    static func checkLength(of text: String, for key: String) throws(ProfileError) {
        let bytes = text.utf8.count
        switch key {
        case "displayname" where bytes > longestName && text.unicodeScalars.count > longestName:
            throw .tooLong(key: key, limit: "\(longestName) characters")
        case "avatar_url" where bytes > longestAvatar: throw .tooLong(key: key, limit: "\(longestAvatar) bytes")
        default: break
        }
    }

    /// A name or picture that is the empty text counts as unset: clients clear them so.
    static func cleared(_ content: JSONObject) -> JSONObject {
        var content = content
        for key in shownInRooms where content[key] == "" { content[key] = nil }
        return content
    }

    /// The value to be stored under a key; nil deletes it.
    static func value(_ value: JSON?, for key: String) -> JSON? { shownInRooms.contains(key) && value == "" ? nil : value }
}

import MatrixModel

/// What `m.profile` holds, as everybody reads it.
enum ProfileContent {
    /// What shows of a user in rooms as well.
    static let shownInRooms = ["displayname", "avatar_url"]

    /// A name or picture that is the empty text counts as unset: clients clear them so.
    static func cleared(_ content: JSONObject) -> JSONObject {
        var content = content
        for key in shownInRooms where content[key] == "" { content[key] = nil }
        return content
    }

    /// The value to be stored under a key; nil deletes it.
    static func value(_ value: JSON?, for key: String) -> JSON? { shownInRooms.contains(key) && value == "" ? nil : value }
}

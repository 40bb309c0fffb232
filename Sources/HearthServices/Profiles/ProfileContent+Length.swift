import MatrixModel

extension ProfileContent {
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
}

/// The `errcode` of a Matrix error: open, because specs and proposals add to it.
///
/// [Standard error response](https://spec.matrix.org/v1.16/client-server-api/#standard-error-response).
public struct ErrorCode: Hashable, Sendable {
    public let rawValue: String

    public init(_ rawValue: String) { self.rawValue = rawValue }

    public static let badAlias = ErrorCode("M_BAD_ALIAS")
    public static let badJSON = ErrorCode("M_BAD_JSON")
    public static let badState = ErrorCode("M_BAD_STATE")
    public static let cannotOverwriteMedia = ErrorCode("M_CANNOT_OVERWRITE_MEDIA")
    public static let cannotLeaveServerNoticeRoom = ErrorCode("M_CANNOT_LEAVE_SERVER_NOTICE_ROOM")
    public static let duplicateAnnotation = ErrorCode("M_DUPLICATE_ANNOTATION")
    public static let exclusive = ErrorCode("M_EXCLUSIVE")
    public static let forbidden = ErrorCode("M_FORBIDDEN")
    public static let guestAccessForbidden = ErrorCode("M_GUEST_ACCESS_FORBIDDEN")
    public static let incompatibleRoomVersion = ErrorCode("M_INCOMPATIBLE_ROOM_VERSION")
    public static let invalidParam = ErrorCode("M_INVALID_PARAM")
    public static let invalidRoomState = ErrorCode("M_INVALID_ROOM_STATE")
    public static let invalidSignature = ErrorCode("M_INVALID_SIGNATURE")
    public static let invalidUsername = ErrorCode("M_INVALID_USERNAME")
    public static let limitExceeded = ErrorCode("M_LIMIT_EXCEEDED")
    public static let missingParam = ErrorCode("M_MISSING_PARAM")
    public static let missingToken = ErrorCode("M_MISSING_TOKEN")
    public static let notFound = ErrorCode("M_NOT_FOUND")
    public static let notJSON = ErrorCode("M_NOT_JSON")
    public static let notYetUploaded = ErrorCode("M_NOT_YET_UPLOADED")
    public static let profileTooLarge = ErrorCode("M_PROFILE_TOO_LARGE")
    public static let resourceLimitExceeded = ErrorCode("M_RESOURCE_LIMIT_EXCEEDED")
    public static let roomInUse = ErrorCode("M_ROOM_IN_USE")
    public static let tooLarge = ErrorCode("M_TOO_LARGE")
    public static let unknown = ErrorCode("M_UNKNOWN")
    public static let unknownToken = ErrorCode("M_UNKNOWN_TOKEN")
    public static let unrecognized = ErrorCode("M_UNRECOGNIZED")
    public static let unsupportedRoomVersion = ErrorCode("M_UNSUPPORTED_ROOM_VERSION")
    public static let userDeactivated = ErrorCode("M_USER_DEACTIVATED")
    public static let userInUse = ErrorCode("M_USER_IN_USE")
    public static let weakPassword = ErrorCode("M_WEAK_PASSWORD")
    public static let wrongRoomKeysVersion = ErrorCode("M_WRONG_ROOM_KEYS_VERSION")
}

/// An error as Matrix sends it: a code for programs, a sentence for people, sometimes more fields.
public struct MatrixError: Error, Sendable {
    public var code: ErrorCode
    public var message: String
    /// Members beside `errcode` and `error`, such as `retry_after_ms`.
    public var fields: JSONObject

    public init(_ code: ErrorCode, _ message: String, fields: JSONObject = [:]) {
        self.code = code
        self.message = message
        self.fields = fields
    }

    /// The body of the error's response.
    public var json: JSONObject {
        fields.merging(["errcode": .string(code.rawValue), "error": .string(message)])
    }
}

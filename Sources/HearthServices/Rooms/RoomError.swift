public import MatrixModel

/// Why a request about a room cannot be done. Each case names the error that the edge makes of it.
public enum RoomError: Error, Equatable {
    /// 404 `M_NOT_FOUND`: no such room, event, alias or piece of state, or none that this user may know of.
    case notFound(String)
    /// 403 `M_FORBIDDEN`.
    case forbidden(String)
    /// 400 `M_BAD_JSON`: the content cannot be an event's.
    case malformed(String)
    /// 400 `M_INVALID_PARAM`.
    case invalidParameter(String)
    /// 413 `M_TOO_LARGE`: one event would exceed the limits of the spec.
    case tooLarge(String)
    /// 400 `M_ROOM_IN_USE` in createRoom, 409 `M_UNKNOWN` in the directory.
    case aliasInUse(RoomAlias)
    /// 403 `M_EXCLUSIVE`.
    case aliasReserved(RoomAlias)
    /// 400 `M_BAD_ALIAS`.
    case badAlias(String)
    /// 400 `M_UNSUPPORTED_ROOM_VERSION`.
    case unsupportedVersion(String)
    /// 400 `M_INVALID_ROOM_STATE`: the initial state contradicts the room's rules.
    case invalidRoomState(String)
    /// 400 `M_BAD_STATE`.
    case badState(String)
    /// 400 `M_DUPLICATE_ANNOTATION`.
    case duplicateAnnotation
    /// 400 `M_TOO_LARGE`: a status over its limits.
    case statusTooLarge(String)

    init(_ error: SendError) {
        switch error {
        case .unknownRoom: self = .notFound("There is no such room.")
        case .forbidden(let reason): self = .forbidden(reason)
        case .malformed(let reason): self = .malformed(reason)
        case .tooLarge(let reason): self = .tooLarge(reason)
        }
    }

    static let unknownRoom = RoomError.notFound("There is no such room.")
    static let notInRoom = RoomError.forbidden("You are not in this room.")
}

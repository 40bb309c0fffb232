import HTTPTypes
import HearthServices
import MatrixModel

extension RoomError: ClientFacingError {
    /// As createRoom means it where endpoints differ: the directory answers 409 for an alias in use.
    var failure: ClientFailure {
        switch self {
        case .notFound(let sentence): ClientFailure(.notFound, .notFound, sentence)
        case .forbidden(let sentence): ClientFailure(.forbidden, .forbidden, sentence)
        case .malformed(let sentence): ClientFailure(.badRequest, .badJSON, sentence)
        case .invalidParameter(let sentence): ClientFailure(.badRequest, .invalidParam, sentence)
        case .tooLarge(let sentence): ClientFailure(.contentTooLarge, .tooLarge, sentence)
        case .aliasInUse(let alias): ClientFailure(.badRequest, .roomInUse, "The room alias \(alias) is taken.")
        case .aliasReserved(let alias): ClientFailure(.forbidden, .exclusive, "The room alias \(alias) belongs to the server.")
        case .badAlias(let sentence): ClientFailure(.badRequest, .badAlias, sentence)
        case .unsupportedVersion(let sentence): ClientFailure(.badRequest, .unsupportedRoomVersion, sentence)
        case .invalidRoomState(let sentence): ClientFailure(.badRequest, .invalidRoomState, sentence)
        case .badState(let sentence): ClientFailure(.badRequest, .badState, sentence)
        case .duplicateAnnotation:
            ClientFailure(.badRequest, .duplicateAnnotation, "You have annotated this event with the same already.")
        case .statusTooLarge(let sentence): ClientFailure(.badRequest, .tooLarge, sentence)
        }
    }
}

extension SendError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .unknownRoom: ClientFailure(.notFound, .notFound, "There is no such room.")
        case .forbidden(let sentence): ClientFailure(.forbidden, .forbidden, sentence)
        case .malformed(let sentence): ClientFailure(.badRequest, .badJSON, sentence)
        case .tooLarge(let sentence): ClientFailure(.contentTooLarge, .tooLarge, sentence)
        }
    }
}

extension PeekError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .unknownRoom: ClientFailure(.notFound, .notFound, "There is no such room.")
        case .unknownUser: ClientFailure(.notFound, .notFound, "There is no such user.")
        case .notWorldReadable:
            ClientFailure(.forbidden, .forbidden, "Only rooms whose history is world readable can be peeked into.")
        case .banned: ClientFailure(.forbidden, .forbidden, "You are banned from this room.")
        case .joinedAlready: ClientFailure(.badRequest, .badState, "You have joined this room; its news come without a peek.")
        case .notPeeking: ClientFailure(.badRequest, .badState, "This device does not peek into this room.")
        case .tooMany(let limit):
            .tryAgain(
                .tooManyRequests, "A device may peek into \(limit) rooms at a time; end a peek first.",
                afterMilliseconds: 60_000)
        }
    }
}

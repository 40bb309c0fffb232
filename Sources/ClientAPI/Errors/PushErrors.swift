import HTTPTypes
import HearthServices
import MatrixModel
import PushCore

extension PushRuleError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .unknownRule: ClientFailure(.notFound, .notFound, "There is no such push rule.")
        case .reservedID:
            .invalidParameter("Push rules whose id begins with a dot are the server's: change their actions, or disable them.")
        case .invalidID: .invalidParameter("The id of a push rule has 1 to 255 bytes and neither a slash nor a backslash.")
        case .unknownNeighbour(let id):
            ClientFailure(.badRequest, .unknown, "There is no rule \(id) of your own to put this one before or after.")
        case .missing(let key): .missingParameter(key)
        case .malformed(let sentence): .badJSON(sentence)
        case .tooLarge:
            ClientFailure(
                .contentTooLarge, .tooLarge, "The push rules of a user have at most \(PushRuleset.largestSize) bytes together.")
        }
    }
}

extension PusherError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .missing(let key): .missingParameter(key)
        case .malformed(let sentence): .badJSON(sentence)
        case .invalid(let sentence): .invalidParameter(sentence)
        case .tooMany(let limit):
            .invalidParameter("A user has at most \(limit) pushers; delete one first.")
        }
    }
}

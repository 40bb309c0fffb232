import HTTPTypes
import HearthRuntime
import HearthServices
import HearthSettings
import MatrixModel

extension AccountError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .usernameInvalid: ClientFailure(.badRequest, .invalidUsername, description)
        case .usernameReserved: ClientFailure(.badRequest, .exclusive, description)
        case .usernameTaken: ClientFailure(.badRequest, .userInUse, description)
        case .registrationClosed, .wrongCredentials: ClientFailure(.forbidden, .forbidden, description)
        case .authenticationNeeded(let challenge): ClientFailure(.unauthorized, body: challenge.json)
        case .passwordMissing: ClientFailure(.badRequest, .missingParam, description)
        case .passwordEmpty: ClientFailure(.badRequest, .weakPassword, description)
        case .passwordTooLong: ClientFailure(.badRequest, .invalidParam, description)
        case .userDeactivated: ClientFailure(.forbidden, .userDeactivated, description)
        case .unknownToken: ClientFailure(.unauthorized, .unknownToken, description)
        case .deviceNotFound, .userNotFound, .registrationTokenNotFound: ClientFailure(.notFound, .notFound, description)
        case .displayNameTooLong: ClientFailure(.badRequest, .tooLarge, description)
        case .tooManyDevices: ClientFailure(.forbidden, .forbidden, description)
        case .rateLimited:
            .tryAgain(.tooManyRequests, description, afterMilliseconds: retryAfterMilliseconds ?? 1000)
        case .hashingFailed: ClientFailure(.internalServerError, .unknown, description)
        case .storage(let error): error.failure
        }
    }
}

extension ProfileError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .notFound(let sentence): ClientFailure(.notFound, .notFound, sentence)
        case .notYours: ClientFailure(.forbidden, .forbidden, "A profile is its user's own to change.")
        case .invalidKey(let sentence): ClientFailure(.badRequest, .invalidParam, sentence)
        case .malformed(let sentence): ClientFailure(.badRequest, .badJSON, sentence)
        case .tooLong(let key, let limit): .invalidParameter("\"\(key)\" has at most \(limit).")
        case .unknownTimeZone:
            ClientFailure(
                .badRequest, .invalidParam, "A time zone is a name of the IANA Time Zone Database, such as Europe/Berlin.")
        case .tooLarge: ClientFailure(.badRequest, .profileTooLarge, "The profile would be too large to be stored.")
        case .keyTooLarge:
            ClientFailure(.badRequest, ErrorCode("M_KEY_TOO_LARGE"), "The name of a profile field has at most 255 bytes.")
        }
    }
}

extension PresenceError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .missing(let key): .missingParameter(key)
        case .malformed(let sentence): .badJSON(sentence)
        case .unknownPresence: .invalidParameter("\"presence\" is online, unavailable, busy or offline.")
        case .expiryInThePast: .invalidParameter("\"io.hearth.expires_ts\" lies in the past.")
        case .noChoice: ClientFailure(.notFound, .notFound, "This device has chosen nothing.")
        case .loggedOut: ClientFailure(.unauthorized, .unknownToken, "This device has been logged out.")
        case .notYours: ClientFailure(.forbidden, .forbidden, "Presence is its user's own to set.")
        case .notVisible: ClientFailure(.forbidden, .forbidden, "You may not see this user's presence.")
        }
    }
}

extension LimitExceeded: ClientFacingError {
    var failure: ClientFailure {
        .tryAgain(.tooManyRequests, "That was too often; wait a little.", afterMilliseconds: retryAfterMilliseconds)
    }
}

extension QuotaExceeded: ClientFacingError {
    var failure: ClientFailure {
        switch resource {
        case .accountData:
            ClientFailure(.contentTooLarge, .tooLarge, "The account data of a user has at most \(limit) bytes together.")
        case .accountDataTypes:
            ClientFailure(
                .forbidden, .forbidden, "A user has at most \(limit) types of account data globally, and as many in each room.")
        case .keyBackup:
            ClientFailure(
                .contentTooLarge, .tooLarge,
                "The key backups of a user have at most \(limit) bytes together; delete versions that are no longer used.")
        case .filters:
            ClientFailure(
                .forbidden, .forbidden, "A user has at most \(limit) filters, and all of them were used in the last days.")
        case .aliases: ClientFailure(.forbidden, .forbidden, "A user makes at most \(limit) room aliases; delete one first.")
        }
    }
}

extension AccountDataError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .notFound: ClientFailure(.notFound, .notFound, "There is nothing of this name.")
        case .managedByServer(let type):
            ClientFailure(.methodNotAllowed, .badJSON, "\(type) is written by the server alone.")
        case .notInRoom: ClientFailure(.forbidden, .forbidden, "You are not in this room.")
        case .tooLarge:
            ClientFailure(
                .contentTooLarge, .tooLarge, "Account data and filters have at most \(AccountDataService.largestContent) bytes.")
        case .tooManyIgnored(let limit):
            ClientFailure(.contentTooLarge, .tooLarge, "A list of ignored users names at most \(limit); nothing was changed.")
        case .badFilter(let sentence): .badJSON(sentence)
        }
    }
}

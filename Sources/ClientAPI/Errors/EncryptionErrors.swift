import HTTPTypes
import HearthServices
import MatrixModel

extension KeyError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .malformed(let sentence): .badJSON(sentence)
        case .missing(let sentence): ClientFailure(.badRequest, .missingParam, sentence)
        case .invalid(let sentence): .invalidParameter(sentence)
        case .invalidSignature(let sentence): ClientFailure(.badRequest, .invalidSignature, sentence)
        case .oneTimeKeyExists(let name):
            // Clients look for these words to learn that their store is out of step.
            ClientFailure(.badRequest, .unknown, "One time key \(name) already exists, and it is another one.")
        case .keyIDInUse: ClientFailure(.forbidden, .forbidden, "Key ID in use: one of the keys is the id of a device.")
        case .tooLarge(let sentence): ClientFailure(.contentTooLarge, .tooLarge, sentence)
        }
    }
}

extension ToDeviceError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .contentTooLarge:
            ClientFailure(
                .contentTooLarge, .tooLarge, "A message to a device has at most \(ToDeviceService.largestContent) bytes.")
        case .tooMuch:
            ClientFailure(
                .contentTooLarge, .tooLarge,
                "What one request sends takes at most \(ToDeviceService.mostBytes) bytes for all devices together.")
        case .tooManyDevices:
            ClientFailure(
                .contentTooLarge, .tooLarge, "One request sends to at most \(ToDeviceService.mostDevices) devices.")
        }
    }
}

extension KeyBackupError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .noBackup: ClientFailure(.notFound, .notFound, "No current backup version")
        case .unknownVersion: ClientFailure(.notFound, .notFound, "Unknown backup version")
        case .unknownSession: ClientFailure(.notFound, .notFound, "Key not found.")
        case .notCurrent(let version):
            ClientFailure(
                .forbidden, .wrongRoomKeysVersion, "Wrong backup version.",
                fields: ["current_version": .string(String(version))])
        case .otherAlgorithm: .invalidParameter("Algorithm does not match")
        case .tooLarge:
            ClientFailure(
                .contentTooLarge, .tooLarge,
                "The data of a backup or a session has at most \(KeyBackupService.largestData) bytes.")
        }
    }
}

import HTTPTypes
import HearthMedia
import HearthRuntime
import HearthServices
import MatrixModel

extension MediaError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .notFound: ClientFailure(.notFound, .notFound, "There is no such content.")
        case .notYetUploaded: ClientFailure(.gatewayTimeout, .notYetUploaded, "This content has not been uploaded yet.")
        case .alreadyUploaded:
            ClientFailure(.conflict, .cannotOverwriteMedia, "This content has been uploaded; it is never replaced.")
        case .notYours: ClientFailure(.forbidden, .forbidden, "This content is for another user to upload.")
        case .tooLarge(let limit):
            ClientFailure(.contentTooLarge, .tooLarge, "A file has at most \(limit) bytes.", closesConnection: true)
        case .quotaExceeded(let limit):
            ClientFailure(.forbidden, .forbidden, "All that a user uploads has at most \(limit) bytes.", closesConnection: true)
        case .tooManyFiles(let limit):
            ClientFailure(.forbidden, .forbidden, "A user uploads at most \(limit) files.", closesConnection: true)
        case .tooManyUnused(let limit):
            .tryAgain(
                .tooManyRequests, "\(limit) ids wait for their content already; upload that first.", afterMilliseconds: 60_000)
        case .tooManyUploads(let limit):
            .tryAgain(
                .tooManyRequests, "\(limit) uploads are under way already; let one of them end.", afterMilliseconds: 5_000)
        case .brokenOff: ClientFailure(.badRequest, .unknown, "The upload broke off.", closesConnection: true)
        case .storage(let failure) where failure.isFull: WriteError.storageFull.failure
        case .storage(let failure) where failure.isOutOfFiles: MediaError.busy.failure
        case .storage: WriteError.storageUnavailable.failure
        case .busy: .tryAgain(.tooManyRequests, "The server has too much to do; try again.", afterMilliseconds: 2_000)
        case .noThumbnail: ClientFailure(.badRequest, .unknown, "No thumbnail can be made of this content.")
        case .tooLargeForThumbnail:
            ClientFailure(.contentTooLarge, .tooLarge, "This content is too large to make a thumbnail of.")
        // Nobody reads this.
        case .clientGone: ClientFailure(.requestTimeout, .unknown, "The client went away.", closesConnection: true)
        case .shuttingDown: ClientFailure(.serviceUnavailable, .unknown, "The server is shutting down.")
        }
    }

    /// Where nothing else tells the operator of a broken disk.
    var concernsOperator: Bool {
        if case .storage = self { true } else { false }
    }
}

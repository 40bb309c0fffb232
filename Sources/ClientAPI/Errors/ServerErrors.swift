import HTTPTypes
import HearthRuntime
import HearthServices
import HearthStore
import MatrixModel

extension SyncError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .loggedOut: ClientFailure(.unauthorized, .unknownToken, "This device has been logged out.")
        // Nobody reads this.
        case .clientGone: ClientFailure(.requestTimeout, .unknown, "The client went away.", closesConnection: true)
        }
    }
}

extension WriteError: ClientFacingError {
    var failure: ClientFailure {
        switch self {
        case .storageFull:
            ClientFailure(.serviceUnavailable, .unknown, "The server's disk is full: nothing can be changed until there is room.")
        case .storageUnavailable: ClientFailure(.serviceUnavailable, .unknown, "The server cannot store anything at the moment.")
        case .overloaded:
            .tryAgain(.tooManyRequests, "The server has too much to write; try again.", afterMilliseconds: 2000)
        case .shuttingDown: ClientFailure(.serviceUnavailable, .unknown, "The server is shutting down.")
        }
    }
}

/// 429 although the client did nothing wrong: it is what clients know how to obey. They come again after `retry_after_ms`, where many give
/// up at a 503; and a proxy passes it on, where it may take a server that answers 503 out of service.
extension Overloaded: ClientFacingError {
    var failure: ClientFailure {
        .tryAgain(
            .tooManyRequests, "The server has too much to do at the moment; try again.",
            afterMilliseconds: retryAfter.wholeMilliseconds)
    }
}

extension StoreError: ClientFacingError {
    /// The writer logs its own failures; those of reading are told here. What a client sent is no failure.
    var concernsOperator: Bool { self != .unstorable }

    /// The operator's sentences are not for clients.
    var failure: ClientFailure {
        switch self {
        case .full: WriteError.storageFull.failure
        case .unavailable, .locked, .otherServerName, .newerSchema:
            ClientFailure(.serviceUnavailable, .unknown, "The server cannot read its database at the moment.")
        case .tooDeep: .badJSON("Objects and lists are nested too deeply.")
        case .unstorable: .invalidParameter("A text holds U+0000, or an identifier is too long.")
        case .corrupt: ClientFailure(.internalServerError, .unknown, "The server's database holds something unexpected.")
        }
    }
}

import HTTPTypes
import HearthStore
import MatrixModel
import Testing

@testable import ClientAPI
@testable import HearthMedia
@testable import HearthRuntime
@testable import HearthServices
@testable import HearthSettings

struct ErrorMappingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let error: any ClientFacingError
        let status: Int
        let code: String

        init(_ error: any ClientFacingError, _ status: Int, _ code: String) {
            self.error = error
            self.status = status
            self.code = code
        }

        var testDescription: String { "\(error)" }
    }

    private static let alias = RoomAlias("#a:s").map { [$0] } ?? []

    static let rooms: [Row] =
        [
            Row(RoomError.notFound("x"), 404, "M_NOT_FOUND"), Row(RoomError.forbidden("x"), 403, "M_FORBIDDEN"),
            Row(RoomError.malformed("x"), 400, "M_BAD_JSON"), Row(RoomError.invalidParameter("x"), 400, "M_INVALID_PARAM"),
            Row(RoomError.tooLarge("x"), 413, "M_TOO_LARGE"), Row(RoomError.badAlias("x"), 400, "M_BAD_ALIAS"),
            Row(RoomError.unsupportedVersion("x"), 400, "M_UNSUPPORTED_ROOM_VERSION"),
            Row(RoomError.invalidRoomState("x"), 400, "M_INVALID_ROOM_STATE"), Row(RoomError.badState("x"), 400, "M_BAD_STATE"),
            Row(RoomError.statusTooLarge("x"), 400, "M_TOO_LARGE"), Row(SendError.unknownRoom, 404, "M_NOT_FOUND"),
            Row(SendError.forbidden("x"), 403, "M_FORBIDDEN"), Row(SendError.malformed("x"), 400, "M_BAD_JSON"),
            Row(SendError.tooLarge("x"), 413, "M_TOO_LARGE"), Row(PeekError.unknownRoom, 404, "M_NOT_FOUND"),
            Row(PeekError.unknownUser, 404, "M_NOT_FOUND"),
            Row(PeekError.notWorldReadable, 403, "M_FORBIDDEN"), Row(PeekError.joinedAlready, 400, "M_BAD_STATE"),
            Row(PeekError.notPeeking, 400, "M_BAD_STATE"), Row(PeekError.tooMany(limit: 2), 429, "M_LIMIT_EXCEEDED"),
        ]
        + alias.flatMap {
            [Row(RoomError.aliasInUse($0), 400, "M_ROOM_IN_USE"), Row(RoomError.aliasReserved($0), 403, "M_EXCLUSIVE")]
        }

    static let accounts: [Row] = [
        Row(AccountError.usernameInvalid, 400, "M_INVALID_USERNAME"), Row(AccountError.usernameReserved, 400, "M_EXCLUSIVE"),
        Row(AccountError.usernameTaken, 400, "M_USER_IN_USE"), Row(AccountError.registrationClosed, 403, "M_FORBIDDEN"),
        Row(AccountError.passwordMissing, 400, "M_MISSING_PARAM"), Row(AccountError.passwordEmpty, 400, "M_WEAK_PASSWORD"),
        Row(AccountError.passwordTooLong, 400, "M_INVALID_PARAM"), Row(AccountError.wrongCredentials, 403, "M_FORBIDDEN"),
        Row(AccountError.userDeactivated, 403, "M_USER_DEACTIVATED"), Row(AccountError.unknownToken, 401, "M_UNKNOWN_TOKEN"),
        Row(AccountError.deviceNotFound, 404, "M_NOT_FOUND"), Row(AccountError.displayNameTooLong, 400, "M_TOO_LARGE"),
        Row(AccountError.tooManyDevices(limit: 5), 403, "M_FORBIDDEN"),
        Row(AccountError.rateLimited(retryAfter: .seconds(3)), 429, "M_LIMIT_EXCEEDED"),
        Row(AccountError.hashingFailed, 500, "M_UNKNOWN"), Row(AccountError.storage(.storageFull), 503, "M_UNKNOWN"),
    ]

    static let users: [Row] = [
        Row(ProfileError.notFound("x"), 404, "M_NOT_FOUND"), Row(ProfileError.notYours, 403, "M_FORBIDDEN"),
        Row(ProfileError.invalidKey("x"), 400, "M_INVALID_PARAM"), Row(ProfileError.malformed("x"), 400, "M_BAD_JSON"),
        Row(ProfileError.tooLarge, 400, "M_PROFILE_TOO_LARGE"), Row(ProfileError.keyTooLarge, 400, "M_KEY_TOO_LARGE"),
        Row(ProfileError.tooLong(key: "displayname", limit: "255 characters"), 400, "M_INVALID_PARAM"),
        Row(PresenceError.missing("presence"), 400, "M_MISSING_PARAM"), Row(PresenceError.malformed("x"), 400, "M_BAD_JSON"),
        Row(PresenceError.unknownPresence, 400, "M_INVALID_PARAM"), Row(PresenceError.expiryInThePast, 400, "M_INVALID_PARAM"),
        Row(PresenceError.notYours, 403, "M_FORBIDDEN"), Row(PresenceError.notVisible, 403, "M_FORBIDDEN"),
        Row(LimitExceeded(retryAfter: .seconds(1)), 429, "M_LIMIT_EXCEEDED"),
        Row(AccountDataError.notFound, 404, "M_NOT_FOUND"),
        Row(AccountDataError.managedByServer("m.push_rules"), 405, "M_BAD_JSON"),
        Row(AccountDataError.notInRoom, 403, "M_FORBIDDEN"), Row(AccountDataError.tooLarge, 413, "M_TOO_LARGE"),
        Row(AccountDataError.badFilter("x"), 400, "M_BAD_JSON"),
        Row(QuotaExceeded(.accountData, limit: 9), 413, "M_TOO_LARGE"),
        Row(QuotaExceeded(.keyBackup, limit: 9), 413, "M_TOO_LARGE"),
        Row(QuotaExceeded(.accountDataTypes, limit: 9), 403, "M_FORBIDDEN"),
        Row(QuotaExceeded(.filters, limit: 9), 403, "M_FORBIDDEN"),
        Row(QuotaExceeded(.aliases, limit: 9), 403, "M_FORBIDDEN"), Row(MediaError.tooManyFiles(limit: 9), 403, "M_FORBIDDEN"),
        Row(ToDeviceError.tooMuch, 413, "M_TOO_LARGE"),
    ]

    static let server: [Row] = [
        Row(SyncError.loggedOut, 401, "M_UNKNOWN_TOKEN"), Row(SyncError.clientGone, 408, "M_UNKNOWN"),
        Row(WriteError.storageFull, 503, "M_UNKNOWN"), Row(WriteError.storageUnavailable, 503, "M_UNKNOWN"),
        Row(WriteError.overloaded, 429, "M_LIMIT_EXCEEDED"), Row(WriteError.shuttingDown, 503, "M_UNKNOWN"),
        Row(StoreError.full, 503, "M_UNKNOWN"), Row(StoreError.unavailable("x"), 503, "M_UNKNOWN"),
        Row(StoreError.locked(path: "x"), 503, "M_UNKNOWN"), Row(StoreError.newerSchema, 503, "M_UNKNOWN"),
        Row(StoreError.otherServerName(stored: "a", given: "b"), 503, "M_UNKNOWN"),
        Row(StoreError.corrupt("x"), 500, "M_UNKNOWN"),
    ]

    @Test("every error of the services has its status, its code and a sentence", arguments: rooms + accounts + users + server)
    func mapping(row: Row) throws {
        let (failure, concernsOperator) = ClientFailure.describing(row.error)
        #expect(concernsOperator == (row.error is StoreError))
        #expect(failure.status.code == row.status)
        #expect(failure.code?.rawValue == row.code)
        #expect(failure.body["error"]?.stringValue?.isEmpty == false)
        let waits = failure.code == .limitExceeded
        #expect((failure.body["retry_after_ms"]?.integerValue ?? 0 > 0) == waits)
        #expect((failure.headers[.retryAfter] != nil) == waits)
    }

    @Test("an error that nobody foresaw tells a client nothing")
    func unknown() {
        struct Secret: Error { let password = "hunter2" }
        let (failure, concernsOperator) = ClientFailure.describing(Secret())
        #expect(concernsOperator)
        #expect(failure.status == .internalServerError)
        #expect(failure.code == .unknown)
        #expect(!String(decoding: failure.body.bytes, as: UTF8.self).contains("hunter2"))
    }

    @Test("a challenge goes out as it is, with no code of its own")
    func challenge() {
        let challenge = UIAChallenge(flows: [[.dummy]], session: "s", completed: [], failure: nil)
        let failure = AccountError.authenticationNeeded(challenge).failure
        #expect(failure.status == .unauthorized)
        #expect(failure.body == ["flows": [["stages": ["m.login.dummy"]]], "params": [:], "session": "s"])
    }
}

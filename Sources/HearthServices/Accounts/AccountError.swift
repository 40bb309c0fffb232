public import HearthRuntime
import MatrixModel

/// Why something about an account was not done. The comment of each case names the status and `errcode` that it means to a client.
public enum AccountError: Error, Equatable, Sendable {
    // MARK: Names

    /// 400 `M_INVALID_USERNAME`: not of the [grammar](https://spec.matrix.org/v1.16/appendices/#user-identifiers) of new ids, or too long.
    case usernameInvalid
    /// 400 `M_EXCLUSIVE`: the server's own name.
    case usernameReserved
    /// 400 `M_USER_IN_USE`.
    case usernameTaken

    // MARK: Registration and login

    /// 403 `M_FORBIDDEN`: nobody can register here.
    case registrationClosed
    /// 401 with the challenge's body; its `errcode` is in there when an attempt failed.
    case authenticationNeeded(UIAChallenge)
    /// 400 `M_MISSING_PARAM`.
    case passwordMissing
    /// 400 `M_WEAK_PASSWORD`: empty.
    case passwordEmpty
    /// 400 `M_INVALID_PARAM`: more than 512 bytes.
    case passwordTooLong
    /// 403 `M_FORBIDDEN`: no such user or not the password; which of them is not told.
    case wrongCredentials
    /// 403 `M_USER_DEACTIVATED`; told only to who knows the password.
    case userDeactivated
    /// 401 `M_UNKNOWN_TOKEN`.
    case unknownToken

    // MARK: The operator's work

    /// 404 `M_NOT_FOUND`: no account of this server.
    case userNotFound
    /// 404 `M_NOT_FOUND`.
    case registrationTokenNotFound

    // MARK: Devices

    /// 404 `M_NOT_FOUND`.
    case deviceNotFound
    /// 403 `M_FORBIDDEN`: the user has as many devices as may be, and none that could go without a loss.
    case tooManyDevices(limit: Int)
    /// 400 `M_TOO_LARGE`: a display name of more than 512 bytes.
    case displayNameTooLong

    // MARK: The server's state

    /// 429 `M_LIMIT_EXCEEDED` with `retry_after_ms` (and the header `Retry-After` in seconds): ``retryAfterMilliseconds``.
    case rateLimited(retryAfter: Duration)
    /// 500 `M_UNKNOWN`: a password could not be hashed, for want of memory.
    case hashingFailed
    /// As the write error says: 507 or 503.
    case storage(WriteError)

    /// For ``rateLimited(retryAfter:)``: whole milliseconds, rounded up.
    public var retryAfterMilliseconds: Int64? {
        guard case .rateLimited(let wait) = self else { return nil }
        return (wait + .nanoseconds(999_999)).wholeMilliseconds
    }
}

extension AccountError: CustomStringConvertible {
    /// A sentence for a person.
    public var description: String {
        switch self {
        case .usernameInvalid: "A user name may hold only a-z, 0-9 and ._=-/+, and must not be too long."
        case .usernameReserved: "This user name belongs to the server."
        case .usernameTaken: "This user name is taken."
        case .registrationClosed: "Registration is closed on this server."
        case .authenticationNeeded(let challenge): challenge.failure?.sentence ?? "More authentication is needed."
        case .passwordMissing: "A password is needed."
        case .passwordEmpty: "A password must not be empty."
        case .passwordTooLong: "A password has at most 512 bytes."
        case .wrongCredentials: "The user name or the password is wrong."
        case .userDeactivated: "This account has been deactivated."
        case .unknownToken: "The access token is not valid."
        case .userNotFound: "There is no such user."
        case .registrationTokenNotFound: "There is no such registration token."
        case .deviceNotFound: "There is no such device."
        case .tooManyDevices(let limit):
            "You have \(limit) devices, which is as many as may be: log out one that you no longer use."
        case .displayNameTooLong: "A device's display name has at most 512 bytes."
        case .rateLimited: "Too many attempts; wait a little."
        case .hashingFailed: "The password could not be checked."
        case .storage(.storageFull): "The server's disk is full."
        case .storage(.overloaded): "The server has too much to write."
        case .storage(.storageUnavailable): "The server cannot store anything now."
        case .storage(.shuttingDown): "The server is shutting down."
        }
    }
}

import MatrixModel

/// Why keys were not taken. The comment of each case names the status and `errcode` that it means to a client.
public enum KeyError: Error, Equatable, Sendable {
    /// 400 `M_BAD_JSON`: a member of the wrong shape.
    case malformed(String)
    /// 400 `M_MISSING_PARAM`.
    case missing(String)
    /// 400 `M_INVALID_PARAM`: the shape is right, the value is not.
    case invalid(String)
    /// 400 `M_INVALID_SIGNATURE`.
    case invalidSignature(String)
    /// 400 `M_UNKNOWN`: there is another one-time key of this name; clients know the sentence.
    case oneTimeKeyExists(String)
    /// 403 `M_FORBIDDEN`: a cross-signing key that is also a device's id.
    case keyIDInUse
    /// 413 `M_TOO_LARGE`.
    case tooLarge(String)
}

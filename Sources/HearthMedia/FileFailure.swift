#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the file system did not do.
public struct FileFailure: Error, Equatable, CustomStringConvertible {
    /// The call, such as `write`.
    public let call: String
    /// `errno`.
    public let code: Int32

    public init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    /// The failure of the call that was made last.
    init(_ call: String) { self.init(call, code: errno) }

    public var isFull: Bool { code == ENOSPC || code == EDQUOT }

    /// The process may not open another file.
    public var isOutOfFiles: Bool { code == EMFILE || code == ENFILE }

    public var description: String { "\(call): \(String(cString: strerror(code)))" }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The system's number for a connection that nobody takes.
enum ConnectionRefused {
    static let code = ECONNREFUSED
}

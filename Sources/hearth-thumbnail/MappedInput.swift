import MediaCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The standard input, a file, as memory. Never unmapped: the program ends with it.
struct MappedInput {
    let bytes: UnsafeRawBufferPointer

    /// Nil for what is no file, is empty or is too large.
    init?() {
        var status = stat()
        guard fstat(STDIN_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            (1...ThumbnailerVerdict.largestOriginal).contains(Int(status.st_size)),
            let start = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0), start != MAP_FAILED
        else { return nil }
        bytes = UnsafeRawBufferPointer(start: start, count: Int(status.st_size))
    }
}

import CConfinement

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the program gives up for good, before it reads a byte of its input.
enum Confinement {
    /// Bytes of address space: a decoded image twice (a PNG is held as rows and as pixels), the original, and the libraries.
    private static let memory: rlim_t = 768 * 1024 * 1024
    /// Seconds of processor time.
    private static let time: rlim_t = 15
    /// How far the server and all else on the machine go before it, as `nice` counts.
    private static let patience: Int32 = 10

    static func limitItself() {
        hearth_close_from(3)
        guard hearth_follow_parent() == 0 else { exit(70) }
        // Where this fails it is as fast as the others, which is no reason not to make the picture.
        _ = nice(patience)
        #if !canImport(Darwin)
            limit(RLIMIT_AS, to: memory)
            limit(__RLIMIT_NPROC, to: 0)
        #endif
        limit(RLIMIT_CPU, to: time)
        limit(RLIMIT_CORE, to: 0)
        limit(RLIMIT_FSIZE, to: 0)
        limit(RLIMIT_NOFILE, to: 0)
    }

    /// From here on there is memory, the files that are open, and the end.
    ///
    /// A system that cannot do this still makes thumbnails: the limits forbid a part of the same.
    static func giveUpSystemCalls() { _ = hearth_give_up_system_calls() }

    #if canImport(Darwin)
        private typealias Resource = Int32
    #else
        private typealias Resource = __rlimit_resource
    #endif

    private static func limit(_ resource: Resource, to value: rlim_t) {
        var limit = rlimit(rlim_cur: value, rlim_max: value)
        #if canImport(Darwin)
            let status = setrlimit(resource, &limit)
        #else
            let status = setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
        #endif
        guard status == 0 else { exit(70) }
    }
}

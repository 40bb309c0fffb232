import Foundation
package import Logging

/// The number of files and sockets that the process may have open: every held sync takes one.
package enum OpenFileLimit {
    /// Below this, a few thousand clients are too many.
    private static let comfortable: rlim_t = 4096

    /// Raises the limit as far as the system lets us.
    package static func raise(logger: Logger) {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        let isRaised = setrlimit(resource, &limit) == 0
        guard getrlimit(resource, &limit) == 0 else { return }
        if !isRaised || limit.rlim_cur < comfortable {
            logger.warning(
                "few files may be open at a time: every connected client needs one; raise the limit (ulimit -n, LimitNOFILE)",
                metadata: ["limit": "\(limit.rlim_cur)"])
        }
    }

    /// How far the system lets us raise it.
    package static var hardLimit: UInt64 {
        var limit = rlimit()
        return getrlimit(resource, &limit) == 0 ? UInt64(limit.rlim_max) : 0
    }

    /// How many may be open now.
    static var softLimit: Int {
        var limit = rlimit()
        return getrlimit(resource, &limit) == 0 ? Int(clamping: limit.rlim_cur) : 0
    }

    #if canImport(Darwin)
        private static let resource = RLIMIT_NOFILE
    #else
        private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #endif
}

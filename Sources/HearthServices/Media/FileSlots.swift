import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How many files of content are open at once, so that they leave some to the database and to connections. State: one atomic.
final class FileSlots: Sendable {
    private let most: Int
    private let taken = Atomic<Int>(0)

    init(most: Int) { self.most = most }

    /// - Throws: what the system would say.
    func take() throws(FileFailure) {
        if taken.add(1, ordering: .relaxed).newValue <= most { return }
        release()
        throw FileFailure("open", code: EMFILE)
    }

    func release() { taken.subtract(1, ordering: .relaxed) }
}

import Crypto
import HearthRuntime
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that is being written and hashed. It has no name that lasts until ``finish()``; given up earlier, it is gone.
///
/// Legal transitions: open -> `append`* -> `finish` -> `moved`; from any of them but the last it is removed when nobody holds it any more.
/// All calls block. State: guarded by its lock.
final class IncomingFile: Sendable {
    let path: String
    private let descriptor: Int32
    private let slot: FileSlot
    private let state = Mutex(State())

    private struct State {
        var hash = SHA256()
        var size: Int64 = 0
        var isMoved = false
    }

    init(in files: MediaFiles) throws(FileFailure) {
        slot = try files.slots.take(for: nil)
        path = files.incoming + "/" + SecureRandom.letters(24)
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileFailure("open") }
    }

    deinit {
        close(descriptor)
        if !state.withLock({ $0.isMoved }) { unlink(path) }
    }

    func append(_ bytes: [UInt8]) throws(FileFailure) {
        try state.withLock { state throws(FileFailure) in
            state.hash.update(data: bytes)
            state.size += Int64(bytes.count)
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw FileFailure("write") }
                rest = rest.dropFirst(written)
            }
        }
    }

    /// Has the file on the disk when it returns what it holds.
    func finish() throws(FileFailure) -> (hash: ContentHash, size: Int64) {
        guard fsync(descriptor) == 0 else { throw FileFailure("fsync") }
        return state.withLock { state in (ContentHash(state.hash.finalize()), state.size) }
    }

    /// Moves the file to its final name.
    func move(to path: String, in files: MediaFiles) throws(FileFailure) {
        try files.move(self.path, to: path)
        state.withLock { $0.isMoved = true }
    }
}

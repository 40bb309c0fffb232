import Foundation
import Synchronization

/// The exclusive right to a data directory, held until the process ends or this is released.
///
/// The kernel drops the lock with the process, however it dies: there is never a stale lock to clean up.
public final class DirectoryLock: Sendable {
    /// The locked file; nil once it is released.
    private let descriptor: Mutex<Int32?>

    /// Makes the directory (mode 0700) if it is missing, and locks it.
    public init(directory: String) throws(StoreError) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory)
        } catch {
            throw .unavailable("cannot make the directory \(directory); check that its parent exists and is writable")
        }
        let descriptor = open(directory + "/hearth.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .unavailable("cannot open \(directory)/hearth.lock: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .locked(path: directory)
        }
        self.descriptor = Mutex(descriptor)
    }

    deinit { release() }

    /// Lets others have the directory; nothing happens when that was done before.
    public func release() {
        descriptor.withLock { descriptor in
            if let open = descriptor { close(open) }
            descriptor = nil
        }
    }

    /// Whether a process has the directory now. Changes nothing, and makes nothing.
    public static func isHeld(directory: String) -> Bool {
        let descriptor = open(directory + "/hearth.lock", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}

import HearthRuntime

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A stored file, open for reading until nobody holds it any more. It stays readable whatever happens to its name.
public final class OpenFile: Sendable {
    /// Bytes.
    public let size: Int64
    let descriptor: Int32
    private let disk: BlockingWork
    private let slot: FileSlot

    /// Blocks. Nil when there is no such file.
    init?(path: String, disk: BlockingWork, slots: FileSlots, for owner: WorkOwner? = nil) throws(FileFailure) {
        let slot = try slots.take(for: owner)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            let failure = FileFailure("open")
            guard failure.code == ENOENT else { throw failure }
            return nil
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let failure = FileFailure("fstat")
            close(descriptor)
            throw failure
        }
        self.descriptor = descriptor
        self.disk = disk
        self.slot = slot
        size = Int64(status.st_size)
    }

    deinit { close(descriptor) }

    /// At most `count` bytes from an offset on; fewer at the end of the file, and none past it.
    public func read(at offset: Int64, count: Int) async throws(MediaError) -> [UInt8] {
        try await disk.run { () throws(FileFailure) in try self.readNow(at: offset, count: count) }
    }

    /// What ``read(at:count:)`` does, on the caller's thread.
    func readNow(at offset: Int64, count: Int) throws(FileFailure) -> [UInt8] {
        var failure: FileFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var result = pread(descriptor, buffer.baseAddress, count, off_t(offset))
            while result < 0, errno == EINTR { result = pread(descriptor, buffer.baseAddress, count, off_t(offset)) }
            if result < 0 { failure = FileFailure("pread") }
            filled = max(0, result)
        }
        if let failure { throw failure }
        return bytes
    }
}

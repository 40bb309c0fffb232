import Logging
import MediaCore
import Synchronization

/// Makes thumbnails of content, each once, in children of the server (``ThumbnailerProcess``): a few at a time, a bounded number waiting.
///
/// Requests for one thumbnail that come together wait for one child. What the child itself said cannot be made is remembered and not
/// tried again; what went wrong otherwise is.
/// State: `making` and `refused` are guarded by their locks.
final class ThumbnailMaker: Sendable {
    private static let mostRefused = 4096
    /// How much of an original the server itself looks at, to spare a child: most headers are within.
    private static let headLength = 64 * 1024

    private let files: MediaFiles
    private let disk: BlockingWork
    private let children = BlockingWork(label: "hearth.thumbnails", mostAtOnce: 2, mostWaiting: 64)
    private let program: String
    private let logger: Logger
    private let making = Mutex<[Key: [CheckedContinuation<Result<Void, MediaError>, Never>]]>([:])
    private let refused = Mutex<[ContentHash: MediaError]>([:])

    private struct Key: Hashable {
        let hash: ContentHash
        let size: ThumbnailSize
    }

    init(files: MediaFiles, disk: BlockingWork, program: String, logger: Logger) {
        self.files = files
        self.disk = disk
        self.program = program
        self.logger = logger
    }

    /// The thumbnail as it was made before, or as it is made now.
    func thumbnail(of original: StoredContent, size: ThumbnailSize) async throws(MediaError) -> StoredThumbnail {
        let key = Key(hash: original.hash, size: size)
        if let made = try await find(key) { return made }
        if let refusal = refused.withLock({ $0[key.hash] }) { throw refusal }
        try await makeOnce(key, of: original.file)
        guard let made = try await find(key) else { throw .noThumbnail }
        return made
    }

    private func find(_ key: Key) async throws(MediaError) -> StoredThumbnail? {
        let (disk, slots, path) = (disk, files.slots, files.path(of: key.hash, size: key.size))
        return try await disk.run { () throws(FileFailure) in
            guard let file = try OpenFile(path: path, disk: disk, slots: slots),
                let format = ImageFormat(sniffing: try file.readNow(at: 0, count: ImageFormat.signatureLength))
            else { return nil }
            return StoredThumbnail(file: file, format: format, hash: key.hash, size: key.size)
        }
    }

    /// Makes the thumbnail, or waits for another request that does.
    private func makeOnce(_ key: Key, of original: OpenFile) async throws(MediaError) {
        let isFirst = making.withLock { making in
            if making[key] != nil { return false }
            making[key] = []
            return true
        }
        guard isFirst else {
            let result = await withCheckedContinuation { continuation in
                let isOver = making.withLock { making in
                    guard making[key] != nil else { return true }
                    making[key]?.append(continuation)
                    return false
                }
                if isOver { continuation.resume(returning: .success(())) }
            }
            return try result.get()
        }
        let result: Result<Void, MediaError>
        do throws(MediaError) {
            result = .success(try await make(key, of: original))
        } catch {
            result = .failure(error)
        }
        for waiter in making.withLock({ $0.removeValue(forKey: key) }) ?? [] { waiter.resume(returning: result) }
        try result.get()
    }

    private func make(_ key: Key, of original: OpenFile) async throws(MediaError) {
        let (files, program) = (files, program)
        let outcome = try await children.run { () throws(FileFailure) -> ThumbnailerProcess.Outcome in
            if original.size > ThumbnailerVerdict.largestOriginal { return .tooLarge }
            switch ImageHeader.read(try original.readNow(at: 0, count: Self.headLength)) {
            case .unknown: return .undecodable
            case .image(let header) where header.isTooLarge: return .tooLarge
            case .image, .incomplete: break
            }
            let outcome = ThumbnailerProcess.run(program, size: key.size, original: original.descriptor)
            guard case .made(let bytes) = outcome else { return outcome }
            guard key.size.allows(bytes) else { return .failed("its output is no such thumbnail") }
            let file = try IncomingFile(in: files)
            try file.append(bytes)
            _ = try file.finish()
            try file.move(to: files.path(of: key.hash, size: key.size), in: files)
            return outcome
        }
        switch outcome {
        case .made: return
        case .undecodable: throw refuse(.noThumbnail, key.hash)
        case .tooLarge: throw refuse(.tooLargeForThumbnail, key.hash)
        case .failed(let reason):
            logger.warning("a thumbnail could not be made", metadata: ["hash": "\(key.hash)", "reason": "\(reason)"])
            throw .noThumbnail
        }
    }

    private func refuse(_ error: MediaError, _ hash: ContentHash) -> MediaError {
        refused.withLock { refused in
            if refused.count >= Self.mostRefused { refused.removeAll() }
            refused[hash] = error
        }
        return error
    }
}

extension ThumbnailSize {
    /// Whether these bytes look like a thumbnail of this size: a broken child is not believed.
    fileprivate func allows(_ bytes: [UInt8]) -> Bool {
        guard case .image(let header) = ImageHeader.read(bytes) else { return false }
        return [.png, .jpeg].contains(header.format) && header.width <= width && header.height <= height
    }
}

public import HearthRuntime
import HearthServices
import HearthStore
import Logging
public import MatrixModel
public import MediaCore
import Synchronization

/// Content that can be read.
public struct StoredContent: Sendable {
    public let file: OpenFile
    public let hash: ContentHash
    /// As the uploader said it.
    public let contentType: String
    public let fileName: String?
}

/// A thumbnail that can be read.
public struct StoredThumbnail: Sendable {
    public let file: OpenFile
    /// PNG or JPEG.
    public let format: ImageFormat
    /// The hash of the original.
    public let hash: ContentHash
    public let size: ThumbnailSize
}

extension MediaService {
    /// Content and its bytes.
    ///
    /// - Parameters:
    ///   - wait: how long to wait for content that has not come yet.
    ///   - owner: of whose share of open files it is.
    public func download(
        _ uri: MediaURI, wait: Duration, for owner: WorkOwner, connection: any ClientConnection
    ) async throws -> StoredContent {
        guard uri.server == server.name else { throw MediaError.notFound }
        let content = try await content(of: uri.id, wait: wait, connection: connection)
        guard let hash = ContentHash(content.hash) else { throw StoreError.corrupt("a hash of media") }
        guard let file = try await open(files.path(of: hash), for: owner), file.size == content.size else {
            logger.error("a file of content is missing or cut off", metadata: ["hash": "\(hash)"])
            throw MediaError.notFound
        }
        return StoredContent(
            file: file, hash: hash, contentType: content.contentType, fileName: content.fileName)
    }

    /// A thumbnail of content, made now if there is none yet.
    ///
    /// - Parameter owner: in whose turn it is made.
    public func thumbnail(
        of uri: MediaURI, size: ThumbnailSize, wait: Duration, for owner: WorkOwner, connection: any ClientConnection
    ) async throws -> StoredThumbnail {
        // Its file is open no longer than this.
        let hash = try await download(uri, wait: wait, for: owner, connection: connection).hash
        return try await thumbnails.thumbnail(of: hash, size: size, for: owner)
    }

    private func content(
        of id: MediaID, wait: Duration, connection: any ClientConnection
    ) async throws -> MediaContent {
        guard let record = try await record(of: id) else { throw MediaError.notFound }
        if let content = record.content { return content }
        guard wait > .zero else { throw MediaError.notYetUploaded }
        let waker = Waker()
        let key = ObjectIdentifier(waker)
        let isShutDown = waiting.withLock { waiting in
            waiting.wakers[id, default: [:]][key] = waker
            return waiting.isShutDown
        }
        defer {
            waiting.withLock { waiting in
                waiting.wakers[id]?[key] = nil
                if waiting.wakers[id]?.isEmpty == true { waiting.wakers[id] = nil }
            }
        }
        if isShutDown { throw MediaError.shuttingDown }
        let timeout = timeouts.wake(waker, after: min(wait, Self.longestWait))
        defer { timeouts.cancel(timeout) }
        connection.onClose { waker.wake(.clientGone) }
        defer { connection.onClose(nil) }
        while true {
            guard let record = try await self.record(of: id) else { throw MediaError.notFound }
            if let content = record.content { return content }
            switch await admission.asleep({ await waker.next() }).reason {
            case .news: continue
            case .timedOut: throw MediaError.notYetUploaded
            case .clientGone: throw MediaError.clientGone
            case .shutdown: throw MediaError.shuttingDown
            }
        }
    }
}

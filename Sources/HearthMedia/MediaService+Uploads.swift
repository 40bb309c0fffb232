import HearthRuntime
import HearthServices
import HearthStore
public import MatrixModel
import Synchronization

/// The bytes of an upload, in pieces as they come.
public protocol UploadBody: AsyncSequence, Sendable where Element == [UInt8] {}

/// A file on its way in.
public struct Upload<Body: UploadBody>: Sendable {
    public let body: Body
    /// The size in bytes that the client told beforehand, if it did.
    public let announcedSize: Int?
    public let contentType: String
    public let fileName: String?

    public init(body: Body, announcedSize: Int?, contentType: String, fileName: String?) {
        self.body = body
        self.announcedSize = announcedSize
        self.contentType = contentType
        self.fileName = fileName
    }
}

extension MediaService {
    /// Takes a file and makes an id for it.
    public func upload(_ upload: Upload<some UploadBody>, of user: UserID) async throws -> MediaURI {
        let id = Self.newID()
        try await store(upload, of: user) { content, context in
            try context.transaction.media.insert(id, owner: user, content: content, at: context.now.wall)
        }
        return MediaURI(server: server.name, id: id)
    }

    /// Makes an id whose content is uploaded later, and tells until when.
    public func createUnused(for user: UserID) async throws -> (uri: MediaURI, expires: MatrixTimestamp) {
        let (id, settings) = (Self.newID(), settings)
        let expires = try await writer.perform { context in
            let media = context.transaction.media
            guard try media.unusedCount(of: user, at: context.now.wall) < settings.mostUnused else {
                throw MediaError.tooManyUnused(limit: settings.mostUnused)
            }
            let expires = context.now.wall.advanced(by: settings.unusedLifetime)
            try media.insertUnused(id, owner: user, at: context.now.wall, expires: expires)
            return expires
        }
        return (MediaURI(server: server.name, id: id), expires)
    }

    /// Takes the content of an id that was made before.
    public func upload(_ upload: Upload<some UploadBody>, to uri: MediaURI, of user: UserID) async throws {
        guard uri.server == server.name else { throw MediaError.notFound }
        let id = uri.id
        // Before the bytes come, so that they need not; and again when they are there.
        try Self.check(try await record(of: id), belongsTo: user)
        try await store(upload, of: user) { content, context in
            try Self.check(try context.transaction.media.media(id, at: context.now.wall), belongsTo: user)
            guard try context.transaction.media.fill(id, with: content) else { throw MediaError.alreadyUploaded }
        }
        for waker in waiting.withLock({ $0.wakers[id].map { Array($0.values) } ?? [] }) { waker.wake(.news) }
    }

    private static func check(_ record: MediaRecord?, belongsTo user: UserID) throws(MediaError) {
        guard let record else { throw .notFound }
        guard record.owner == user else { throw .notYours }
        guard record.content == nil else { throw .alreadyUploaded }
    }

    private static func newID() -> MediaID {
        guard let id = MediaID(SecureRandom.letters(24)) else { preconditionFailure("letters make a media id") }
        return id
    }

    /// Receives the bytes, gives their file its name, and commits the row.
    private func store(
        _ upload: Upload<some UploadBody>, of user: UserID,
        commit: @escaping @Sendable (MediaContent, WriteContext) throws -> Void
    ) async throws {
        try beginUpload(of: user)
        defer { endUpload(of: user) }
        let left = try await bytesLeft(for: user)
        if let announced = upload.announcedSize { try checkSize(announced, left: left) }
        let file = try await receive(upload, left: left)
        let (hash, size) = try await disk.run { () throws(FileFailure) in try file.finish() }
        let content = MediaContent(
            hash: hash.bytes, size: size, contentType: upload.contentType, fileName: upload.fileName)
        try await place(file, hash: hash)
        do {
            let (quota, mostFiles) = (settings.userQuota, settings.userFiles)
            try await writer.perform { context in
                let used = try context.transaction.usage.usage(of: user, .media)
                if quota > 0, used.bytes + size > quota { throw MediaError.quotaExceeded(limit: quota) }
                if mostFiles > 0, used.items >= mostFiles { throw MediaError.tooManyFiles(limit: mostFiles) }
                try commit(content, context)
            }
        } catch {
            endPlacement(of: hash, isKept: false)
            throw error
        }
        endPlacement(of: hash, isKept: true)
    }

    private func receive(_ upload: Upload<some UploadBody>, left: Int?) async throws -> IncomingFile {
        let files = files
        let file = try await disk.run { () throws(FileFailure) in try IncomingFile(in: files) }
        var (size, block) = (0, [UInt8]())
        do {
            for try await bytes in upload.body {
                size += bytes.count
                try checkSize(size, left: left)
                block += bytes
                if block.count < Self.blockSize { continue }
                let full = block
                try await disk.run { () throws(FileFailure) in try file.append(full) }
                block.removeAll(keepingCapacity: true)
            }
        } catch let error as MediaError {
            throw error
        } catch {
            throw MediaError.brokenOff
        }
        if let announced = upload.announcedSize, announced != size { throw MediaError.brokenOff }
        let last = block
        if !last.isEmpty { try await disk.run { () throws(FileFailure) in try file.append(last) } }
        return file
    }

    private func checkSize(_ size: Int, left: Int?) throws(MediaError) {
        guard size <= settings.maxUploadSize else { throw .tooLarge(limit: settings.maxUploadSize) }
        if let left, size > left { throw .quotaExceeded(limit: settings.userQuota) }
    }

    /// What the user's quota leaves; nil without a quota. Refuses a file before its bytes come where there may be none more.
    private func bytesLeft(for user: UserID) async throws -> Int? {
        if settings.userQuota == 0 && settings.userFiles == 0 { return nil }
        let used = try await store.read { try $0.usage.usage(of: user, .media) }
        if settings.userFiles > 0, used.items >= settings.userFiles { throw MediaError.tooManyFiles(limit: settings.userFiles) }
        return settings.userQuota > 0 ? max(0, settings.userQuota - Int(used.bytes)) : nil
    }

    private func beginUpload(of user: UserID) throws(MediaError) {
        let (most, isFree) = uploads.withLock { uploads in
            let count = uploads[user, default: 0]
            guard count < settings.mostUploads else { return (settings.mostUploads, false) }
            uploads[user] = count + 1
            return (settings.mostUploads, true)
        }
        guard isFree else { throw .tooManyUploads(limit: most) }
    }

    private func endUpload(of user: UserID) {
        uploads.withLock { uploads in
            guard let count = uploads[user] else { return }
            uploads[user] = count > 1 ? count - 1 : nil
        }
    }

    private func place(_ file: IncomingFile, hash: ContentHash) async throws {
        let (files, path) = (files, files.path(of: hash))
        let isThere = try await open(path, for: nil) != nil
        placements.withLock { $0.begin(hash, isKept: isThere) }
        do {
            // Also where it is there already: the same bytes, surely on the disk.
            try await disk.run { () throws(FileFailure) in try file.move(to: path, in: files) }
        } catch {
            endPlacement(of: hash, isKept: false)
            throw error
        }
    }

    private func endPlacement(of hash: ContentHash, isKept: Bool) {
        placements.withLock { placements in
            if placements.end(hash, isKept: isKept) { files.remove(files.path(of: hash)) }
        }
    }
}

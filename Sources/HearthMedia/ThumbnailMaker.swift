import HearthRuntime
import Logging
import MediaCore
import Synchronization

/// Makes thumbnails of content, each once, in children of the server (``ThumbnailerProcess``): a few at a time, a bounded number waiting,
/// and those who ask take turns (``FairTurns``).
///
/// Requests for one thumbnail that come together wait for one child, and for the first turn that any of those who ask comes to have. What
/// the child itself said cannot be made is remembered and not tried again; what went wrong otherwise is.
/// State: `state` and `refused` are guarded by their locks.
final class ThumbnailMaker: Sendable {
    private static let mostRefused = 4096
    /// How much of an original the server itself looks at, to spare a child: most headers are within.
    private static let headLength = 64 * 1024

    private let files: MediaFiles
    private let disk: BlockingWork
    private let program: String
    private let logger: Logger
    private let state = Mutex(State())
    private let refused = Mutex<[ContentHash: MediaError]>([:])

    /// What a turn is for. Its original is opened when the turn comes: who waits holds no file.
    private struct Key: Hashable {
        let hash: ContentHash
        let size: ThumbnailSize
    }

    private typealias Waiter = CheckedContinuation<Result<Void, MediaError>, Never>

    private struct Making {
        var waiting: [Waiter] = []
        var owners: Set<WorkOwner> = []
        var isRunning = false
    }

    private struct State {
        var making: [Key: Making] = [:]
        /// A place is always left for others than the one who has two.
        var turns = FairTurns<WorkOwner, Key>(
            bounds: .init(atOnce: 3, atOnceOfOwner: 2, waiting: 192, waitingOfOwner: 64))

        /// An owner's turn for a thumbnail is not to come. Returns who waits in vain, where no other turn for it does.
        mutating func giveUp(_ key: Key, of owner: WorkOwner) -> [Waiter] {
            making[key]?.owners.remove(owner)
            guard let left = making[key], left.owners.isEmpty, !left.isRunning else { return [] }
            making[key] = nil
            return left.waiting
        }
    }

    init(files: MediaFiles, disk: BlockingWork, program: String, logger: Logger) {
        self.files = files
        self.disk = disk
        self.program = program
        self.logger = logger
    }

    /// The thumbnail as it was made before, or as it is made now.
    func thumbnail(
        of hash: ContentHash, size: ThumbnailSize, for owner: WorkOwner
    ) async throws(MediaError) -> StoredThumbnail {
        let key = Key(hash: hash, size: size)
        if let made = try await find(key, for: owner) { return made }
        if let refusal = refused.withLock({ $0[key.hash] }) { throw refusal }
        try await makeOnce(key, for: owner)
        guard let made = try await find(key, for: owner) else { throw .noThumbnail }
        return made
    }

    private func find(_ key: Key, for owner: WorkOwner) async throws(MediaError) -> StoredThumbnail? {
        let (disk, slots, path) = (disk, files.slots, files.path(of: key.hash, size: key.size))
        return try await disk.run { () throws(FileFailure) in
            guard let file = try OpenFile(path: path, disk: disk, slots: slots, for: owner),
                let format = ImageFormat(sniffing: try file.readNow(at: 0, count: ImageFormat.signatureLength))
            else { return nil }
            return StoredThumbnail(file: file, format: format, hash: key.hash, size: key.size)
        }
    }

    /// Waits until the thumbnail is made, in a turn of this or of another request.
    private func makeOnce(_ key: Key, for owner: WorkOwner) async throws(MediaError) {
        let result = await withCheckedContinuation { continuation in
            let refused = state.withLock { state in
                var refused: [Waiter] = []
                var making = state.making[key] ?? Making()
                var hasTurn = making.isRunning || making.owners.contains(owner) || state.turns.append(key, of: owner)
                if !hasTurn, let other = state.turns.makeRoom(for: owner) {
                    hasTurn = state.turns.append(key, of: owner)
                    refused = state.giveUp(other.item, of: other.owner)
                    making = state.making[key] ?? Making()
                }
                // Who has no room for a turn of their own may still wait for somebody else's.
                guard hasTurn || !making.owners.isEmpty else { return refused + [continuation] }
                if hasTurn { making.owners.insert(owner) }
                making.waiting.append(continuation)
                state.making[key] = making
                return refused
            }
            for waiter in refused { waiter.resume(returning: .failure(.busy)) }
            beginTurns()
        }
        try result.get()
    }

    private func beginTurns() {
        while true {
            let begun = state.withLock { state -> (owner: WorkOwner, item: Key)? in
                let begun = state.turns.begin()
                if let key = begun?.item {
                    state.making[key]?.isRunning = true
                    // One child is enough: the other turns for this thumbnail are not needed.
                    state.turns.removeAll { $0 == key }
                }
                return begun
            }
            guard let begun else { return }
            OwnThread.run("hearth.thumbnail") { self.run(begun.item, of: begun.owner) }
        }
    }

    private func run(_ key: Key, of owner: WorkOwner) {
        let result: Result<Void, MediaError>
        do throws(MediaError) {
            result = .success(try make(key))
        } catch {
            result = .failure(error)
        }
        let waiting = state.withLock { state in
            state.turns.ended(of: owner)
            return state.making.removeValue(forKey: key)?.waiting ?? []
        }
        for waiter in waiting { waiter.resume(returning: result) }
        beginTurns()
    }

    private func make(_ key: Key) throws(MediaError) {
        let outcome: ThumbnailerProcess.Outcome
        do throws(FileFailure) {
            outcome = try runChild(key)
        } catch {
            throw .storage(error)
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

    /// Blocks until the child is gone.
    private func runChild(_ key: Key) throws(FileFailure) -> ThumbnailerProcess.Outcome {
        guard let original = try OpenFile(path: files.path(of: key.hash), disk: disk, slots: files.slots) else {
            return .failed("its original is gone")
        }
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

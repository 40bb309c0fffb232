import HearthRuntime
import HearthServices
import HearthStore
import Logging
import MatrixModel
import MediaCore
import Synchronization

/// Takes content that users upload and finds it again.
///
/// The cycle of an upload: its bytes are hashed and written to an unfinished file as they come; the file is forced to the disk and
/// renamed to its hash; then the row is committed. So a row's file is always there and whole, content that is uploaded twice lies on
/// the disk once, and an upload that breaks off leaves nothing.
/// State: `placements`, `uploads` and `waiting` are guarded by their locks.
public final class MediaService: Sendable {
    /// The longest a request waits for content to come, whatever it asks for.
    public static let longestWait: Duration = .seconds(60)
    /// Bytes that are written to the disk at once.
    static let blockSize = 256 * 1024
    public static let longestFileName = 1024

    public let settings: MediaSettings
    let store: Store
    let clock: any ServerClock
    let server: ServerIdentity
    let writer: RoomWriter
    let timeouts: Timeouts
    let files: MediaFiles
    let disk = BlockingWork(label: "hearth.media", mostAtOnce: 4, mostWaiting: 4096)
    let thumbnails: ThumbnailMaker
    let logger: Logger
    let admission: Admission
    let placements = Mutex(Placements())
    let uploads = Mutex<[UserID: Int]>([:])
    let waiting = Mutex(Waiting())

    struct Waiting {
        var wakers: [MediaID: [ObjectIdentifier: Waker]] = [:]
        var isShutDown = false
    }

    /// Makes the directories of content beside the database, and removes unfinished uploads of an earlier run.
    init(
        store: Store, clock: any ServerClock, server: ServerIdentity, writer: RoomWriter, timeouts: Timeouts,
        settings: MediaSettings, logger: Logger, admission: Admission
    ) throws(FileFailure) {
        self.store = store
        self.clock = clock
        self.server = server
        self.writer = writer
        self.timeouts = timeouts
        self.settings = settings
        self.logger = logger
        self.admission = admission
        files = try MediaFiles(dataDirectory: store.directory, mostOpen: settings.mostOpenFiles)
        thumbnails = ThumbnailMaker(files: files, disk: disk, program: settings.thumbnailer, logger: logger)
    }

    func record(of id: MediaID) async throws -> MediaRecord? {
        let now = clock.now().wall
        return try await store.read { try $0.media.media(id, at: now) }
    }

    func open(_ path: String, for owner: WorkOwner?) async throws(MediaError) -> OpenFile? {
        let (disk, slots) = (disk, files.slots)
        return try await disk.run { () throws(FileFailure) in try OpenFile(path: path, disk: disk, slots: slots, for: owner) }
    }

    /// How many requests wait for content to come.
    public var waitingCount: Int { waiting.withLock { $0.wakers.values.reduce(0) { $0 + $1.count } } }

    /// Ends every wait for content to come, now and from now on.
    public func shutDown() {
        let wakers = waiting.withLock { waiting in
            waiting.isShutDown = true
            return waiting.wakers.values.flatMap { Array($0.values) }
        }
        for waker in wakers { waker.wake(.shutdown) }
    }
}

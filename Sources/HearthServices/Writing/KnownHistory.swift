import HearthRuntime
import HearthStore
import MatrixModel
public import SubscriptionCore
import Synchronization

/// The history that this server's database knows, as the process that writes it goes on with it: reads the tokens of clients, and gives out
/// tokens.
///
/// It begins an epoch when it is made, once a process. On a full disk the epoch is stored with the first commit, which comes before
/// anything that is told of it could be lost.
///
/// State: the two atomics; `reach` only grows and is raised before the commit that makes it true, so that no token that was read from a
/// commit is ever past it.
public final class KnownHistory: Sendable {
    /// What the tokens that are given out name.
    public let stream: StreamHistory
    private let present: StreamHistory.Chapter
    private let reach: Atomic<Int64>
    private let isStored: Atomic<Bool>

    private init(stream: StreamHistory, present: StreamHistory.Chapter, isStored: Bool) {
        self.stream = stream
        self.present = present
        reach = Atomic(present.beginsAfter.rawValue)
        self.isStored = Atomic(isStored)
    }

    /// Begins the epoch of this process.
    ///
    /// In the same commit a database that was made of a backup comes to its present: what its pushers had not sent then was sent long ago.
    static func begin(in store: Store) throws -> KnownHistory {
        guard let epoch = StreamEpoch(SecureRandom.letters(StreamEpoch.length).utf8) else {
            preconditionFailure("eight letters must name an epoch")
        }
        let (position, stored) = try store.readNow { (try $0.meta.position(), try $0.epochs.all()) }
        let present = StreamHistory.Chapter(epoch: epoch, beginsAfter: position)
        let chapters = stored.compactMap { row in
            StreamEpoch(row.name.utf8).map { StreamHistory.Chapter(epoch: $0, beginsAfter: row.beginsAfter) }
        }
        let isWhole = stored.first.map { $0.number == 1 } ?? true
        let stream = StreamHistory(chapters: chapters, isWhole: isWhole, present: present)
        do {
            try store.writeNow { try begin(present, in: $0) }
            return KnownHistory(stream: stream, present: present, isStored: true)
        } catch StoreError.full {
            return KnownHistory(stream: stream, present: present, isStored: false)
        }
    }

    private static func begin(_ chapter: StreamHistory.Chapter, in store: StoreTransaction) throws {
        try store.epochs.begin(chapter.epoch.description, after: chapter.beginsAfter)
        if try store.meta.takeRestored() {
            try store.pushers.startAll(at: chapter.beginsAfter)
        } else {
            try store.pushers.startLost(at: chapter.beginsAfter)
        }
    }

    // MARK: Tokens

    /// The point to continue from; nil for a token of a lost history.
    public func point(of token: ClientToken) -> SyncToken? {
        stream.point(of: token, reach: StreamPosition(reach.load(ordering: .acquiring)))
    }

    /// What a client gets to continue from a point.
    public func token(of point: SyncToken) -> ClientToken { stream.token(of: point) }

    // MARK: Commits

    /// A transaction is about to be committed that has come to a position.
    func willReach(_ position: StreamPosition, in store: StoreTransaction) throws {
        if !isStored.load(ordering: .relaxed) { try Self.begin(present, in: store) }
        reach.store(max(position.rawValue, reach.load(ordering: .relaxed)), ordering: .releasing)
    }

    /// That transaction is on the disk.
    func hasReached() { isStored.store(true, ordering: .relaxed) }
}

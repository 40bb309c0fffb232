import HearthRuntime
import HearthSettings
import HearthStore
public import MatrixModel
public import SubscriptionCore
import Synchronization

/// The sync filters that clients store. One in use is held in memory, checked and ready.
public final class FilterService: Sendable {
    /// A filter that nobody used for so long is noted as used when it is; an unused one is purged after months.
    private static let noteInterval: Duration = .seconds(24 * 3600)
    private static let mostInMemory = 10_000
    /// A filter that was out of use for so long makes room for a new one where the user has as many as may be.
    private static let spareAfter: Duration = .seconds(7 * 24 * 3600)

    private let store: Store
    private let clock: any ServerClock
    private let writer: RoomWriter
    private let quotas: Quotas
    private let memory = Mutex<[Key: Entry]>([:])

    private struct Key: Hashable {
        let user: UserID
        let id: Int64
    }

    private struct Entry {
        let filter: SyncFilter
        let read: MonotonicTime
    }

    init(store: Store, clock: any ServerClock, writer: RoomWriter, quotas: Quotas) {
        self.store = store
        self.clock = clock
        self.writer = writer
        self.quotas = quotas
    }

    /// Checks and stores a filter; the same filter gets the same id.
    public func store(_ json: JSONObject, of user: UserID) async throws -> String {
        guard json.bytes.count <= AccountDataService.largestContent else { throw AccountDataError.tooLarge }
        _ = try Self.parse(json)
        return String(try await writer.perform { [quotas] in try Self.store(json, of: user, atMost: quotas.filters, in: $0) })
    }

    private static func store(
        _ json: JSONObject, of user: UserID, atMost most: Int, in context: WriteContext
    ) throws -> Int64 {
        try context.requireAccount(user)
        let table = context.transaction.filters
        if let id = try table.id(of: json, for: user) {
            try table.touch(id, of: user, at: context.age)
            return id
        }
        if try table.count(of: user, atMost: most) < most { return try table.insert(json, for: user, at: context.age) }
        guard let spare = try table.leastRecentlyUsed(of: user), spare.lastUsed.advanced(by: spareAfter) <= context.age else {
            throw QuotaExceeded(.filters, limit: most)
        }
        // In this order, so that the new one cannot have the id of the old one.
        let id = try table.insert(json, for: user, at: context.age)
        try table.delete(spare.id, of: user)
        return id
    }

    /// A stored filter as the client sent it.
    public func json(_ id: String, of user: UserID) async throws -> JSONObject {
        guard let number = Int64(id), let stored = try await store.read({ try $0.filters.filter(number, of: user) }) else {
            throw AccountDataError.notFound
        }
        return stored.json
    }

    /// A stored filter for a sync; reads the store once a day at most.
    public func filter(_ id: String, of user: UserID) async throws -> SyncFilter {
        guard let number = Int64(id) else { throw AccountDataError.notFound }
        let key = Key(user: user, id: number)
        if let known = known(key) { return known }
        let now = clock.now()
        guard let stored = try await store.read({ try $0.filters.filter(number, of: user) }) else {
            throw AccountDataError.notFound
        }
        let filter = try Self.parse(stored.json, isStored: true)
        if stored.lastUsed.advanced(by: Self.noteInterval) < writer.age(at: now) {
            try await writer.perform(as: .housekeeping) { try $0.transaction.filters.touch(number, of: user, at: $0.age) }
        }
        memory.withLock { memory in
            if memory.count >= Self.mostInMemory { memory.removeAll() }
            memory[key] = Entry(filter: filter, read: now.monotonic)
        }
        return filter
    }

    /// A stored filter that need not be read, which is one that was used lately.
    public func known(_ id: String, of user: UserID) -> SyncFilter? {
        Int64(id).flatMap { known(Key(user: user, id: $0)) }
    }

    private func known(_ key: Key) -> SyncFilter? {
        guard let entry = memory.withLock({ $0[key] }) else { return nil }
        return clock.now().monotonic.duration(since: entry.read) < Self.noteInterval ? entry.filter : nil
    }

    /// - Parameter isStored: whether the filter was accepted once: then its lists may be longer than a new one's.
    public static func parse(_ json: JSONObject, isStored: Bool = false) throws(AccountDataError) -> SyncFilter {
        do throws(FilterError) {
            return try SyncFilter(parsing: json, isStored: isStored)
        } catch {
            throw .badFilter(error.description)
        }
    }
}

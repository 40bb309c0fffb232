import HearthRuntime
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How many files of content are open at once, so that they leave some to the database and to connections; an eighth of them to one owner, so
/// that downloads that nobody takes keep no file from anybody else. State: guarded by its lock.
final class FileSlots: Sendable {
    /// However few there are in all.
    private static let fewestOfOwner = 4

    private let most: Int
    private let mostOfOwner: Int
    private let state = Mutex(State())

    private struct State {
        var taken = 0
        var byOwner: [WorkOwner: Int] = [:]
    }

    init(most: Int) {
        self.most = most
        mostOfOwner = max(Self.fewestOfOwner, most / 8)
    }

    /// A place for one file, which is given back once nobody holds it any more.
    ///
    /// - Parameter owner: whose share it is of; nil for what the server opens for itself.
    /// - Throws: what the system would say.
    func take(for owner: WorkOwner?) throws(FileFailure) -> FileSlot {
        let isTaken = state.withLock { state in
            guard state.taken < most else { return false }
            if let owner {
                guard state.byOwner[owner, default: 0] < mostOfOwner else { return false }
                state.byOwner[owner, default: 0] += 1
            }
            state.taken += 1
            return true
        }
        guard isTaken else { throw FileFailure("open", code: EMFILE) }
        return FileSlot(of: self, for: owner)
    }

    fileprivate func release(from owner: WorkOwner?) {
        state.withLock { state in
            state.taken -= 1
            guard let owner, let count = state.byOwner[owner] else { return }
            state.byOwner[owner] = count > 1 ? count - 1 : nil
        }
    }
}

/// One place of ``FileSlots``.
final class FileSlot: Sendable {
    private let slots: FileSlots
    private let owner: WorkOwner?

    fileprivate init(of slots: FileSlots, for owner: WorkOwner?) {
        self.slots = slots
        self.owner = owner
    }

    deinit { slots.release(from: owner) }
}

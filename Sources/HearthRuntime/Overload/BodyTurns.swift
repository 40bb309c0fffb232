import Dispatch
import Synchronization

/// Whose turn it is to have a large body read, and what it asks for done: one of each user's at a time.
///
/// A megabyte of JSON takes the processor for longer than others may wait, to read it and with all that is made of it. So one user has one
/// thread busy at most, and reading is done beside the threads that answer requests, one body after the other.
///
/// State: guarded by its lock.
final class BodyTurns: Sendable {
    private typealias Turns = FairTurns<MemoryBorrower, CheckedContinuation<Bool, Never>>

    private let state = Mutex(Turns(bounds: .init(atOnce: 64, atOnceOfOwner: 1, waiting: 1_024, waitingOfOwner: 64)))
    private let queue = DispatchQueue(label: "hearth.bodies")

    /// Waits for a turn; nil where too many wait already.
    func begin(of owner: MemoryBorrower) async -> BodyTurn? {
        let isBegun = await withCheckedContinuation { continuation in
            let isTaken = state.withLock { $0.append(continuation, of: owner) }
            if isTaken { beginTurns() } else { continuation.resume(returning: false) }
        }
        return isBegun ? BodyTurn(turns: self, owner: owner) : nil
    }

    fileprivate func end(of owner: MemoryBorrower) {
        state.withLock { $0.ended(of: owner) }
        beginTurns()
    }

    private func beginTurns() {
        while let (_, continuation) = state.withLock({ $0.begin() }) { continuation.resume(returning: true) }
    }

    fileprivate func read<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result(catching: body)) }
        }
        return try result.get()
    }
}

/// One user's turn with a large body: until nobody holds this any more.
public final class BodyTurn: Sendable {
    private let turns: BodyTurns
    private let owner: MemoryBorrower

    fileprivate init(turns: BodyTurns, owner: MemoryBorrower) {
        self.turns = turns
        self.owner = owner
    }

    /// Reads the body beside the threads that answer requests.
    public func read<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await turns.read(body)
    }

    deinit { turns.end(of: owner) }
}

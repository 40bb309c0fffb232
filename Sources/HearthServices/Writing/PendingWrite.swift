import HearthRuntime
import HearthStore
import Synchronization

/// An operation on its way through the writer.
protocol PendingWrite: Sendable {
    /// Runs inside the transaction. Throws only what ends the whole batch; what the operation itself throws is kept.
    func run(in context: WriteContext) throws

    /// Tells the requester; `failure` is why the batch was lost, nil when it is on the disk.
    func complete(_ failure: WriteError?)
}

/// The result of an operation and the hooks of its failure, between its run and its end.
private struct Slot<Value: Sendable>: Sendable {
    var result: Result<Value, any Error>?
    var afterFailure: [@Sendable () -> Void] = []
}

/// What an operation may have changed in the store when it throws.
public enum PartialChanges: Sendable {
    /// Anything: it runs in a savepoint.
    case undone
    /// Nothing: whatever can be wrong it finds before its first change. If it breaks that word, its whole batch is lost.
    case none
}

/// Runs an operation; the error of the operation itself is its result, as is a value that cannot be read or stored. What else fails in the
/// store ends the batch.
private func runOperation<Value: Sendable>(
    _ operation: @Sendable (WriteContext) throws -> Value, partialChanges: PartialChanges, in context: WriteContext
) throws -> Slot<Value> {
    context.begin()
    do {
        let value =
            switch partialChanges {
            case .undone: try context.transaction.nested { try operation(context) }
            case .none: try context.transaction.checkedFirst { try operation(context) }
            }
        return Slot(result: .success(value), afterFailure: context.keep())
    } catch let error as StoreError where !error.concernsOneValue {
        context.discard()
        throw error
    } catch {
        context.discard()
        return Slot(result: .failure(error))
    }
}

/// An operation that a request waits for.
final class QueuedWrite<Value: Sendable>: PendingWrite {
    private let operation: @Sendable (WriteContext) throws -> Value
    private let partialChanges: PartialChanges
    private let continuation: CheckedContinuation<Value, any Error>
    private let slot = Mutex(Slot<Value>())

    init(
        operation: @escaping @Sendable (WriteContext) throws -> Value, partialChanges: PartialChanges,
        continuation: CheckedContinuation<Value, any Error>
    ) {
        self.operation = operation
        self.partialChanges = partialChanges
        self.continuation = continuation
    }

    func run(in context: WriteContext) throws {
        let outcome = try runOperation(operation, partialChanges: partialChanges, in: context)
        slot.withLock { $0 = outcome }
    }

    func complete(_ failure: WriteError?) {
        let outcome = slot.withLock { $0 }
        if let failure {
            for hook in outcome.afterFailure.reversed() { hook() }
            return continuation.resume(throwing: failure)
        }
        continuation.resume(with: outcome.result ?? .failure(WriteError.storageUnavailable))
    }
}

/// An operation that start-up runs itself.
final class DirectWrite<Value: Sendable>: PendingWrite {
    private let operation: @Sendable (WriteContext) throws -> Value
    let result = Mutex<Result<Value, any Error>?>(nil)

    init(operation: @escaping @Sendable (WriteContext) throws -> Value) { self.operation = operation }

    func run(in context: WriteContext) throws {
        let outcome = try runOperation(operation, partialChanges: .undone, in: context)
        result.withLock { $0 = outcome.result }
    }

    func complete(_ failure: WriteError?) {
        if let failure { result.withLock { $0 = .failure(failure) } }
    }
}

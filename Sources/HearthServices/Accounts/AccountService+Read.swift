import HearthRuntime
import HearthStore

extension AccountService {
    /// Reads the store beside the writer.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (StoreTransaction) throws -> Value
    ) async throws(AccountError) -> Value {
        do {
            return try await store.read(body)
        } catch let error as AccountError {
            throw error
        } catch let error as WriteError {
            throw .storage(error)
        } catch let error as Overloaded {
            throw .rateLimited(retryAfter: error.retryAfter)
        } catch is CancellationError {
            throw .storage(.shuttingDown)
        } catch {
            throw .storage(.storageUnavailable)
        }
    }
}

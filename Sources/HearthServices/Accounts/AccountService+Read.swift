import HearthStore

extension AccountService {
    /// Reads the store beside the writer.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (StoreTransaction) throws -> Value
    ) async throws(AccountError) -> Value {
        do {
            return try await writer.store.read(body)
        } catch let error as AccountError {
            throw error
        } catch {
            throw .storage(.storageUnavailable)
        }
    }
}

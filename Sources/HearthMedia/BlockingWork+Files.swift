import HearthRuntime

extension BlockingWork {
    /// Runs work on files when it is its turn.
    ///
    /// - Throws: ``MediaError/busy`` when too many jobs wait, and ``MediaError/storage(_:)`` for a ``FileFailure`` of the work.
    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(FileFailure) -> Value
    ) async throws(MediaError) -> Value {
        guard let result = await runIfTaken({ Result(catching: work) }) else { throw .busy }
        return try result.mapError { MediaError.storage($0) }.get()
    }
}

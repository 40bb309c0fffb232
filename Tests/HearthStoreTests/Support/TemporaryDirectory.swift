import Foundation
import HearthStore
import MatrixModel

/// Runs a test with a directory that does not exist yet, and leaves nothing of it behind.
func withDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let directory = FileManager.default.temporaryDirectory.appending(path: "hearth-store-\(UUID().uuidString)").path
    do {
        let value = try await body(directory)
        try FileManager.default.removeItem(atPath: directory)
        return value
    } catch {
        if FileManager.default.fileExists(atPath: directory) { try FileManager.default.removeItem(atPath: directory) }
        throw error
    }
}

/// Runs a test with a new store on real files.
func withStore<Value>(_ body: (Store) async throws -> Value) async throws -> Value {
    try await withDirectory { directory in try await body(Store(directory: directory, serverName: TestNames.server)) }
}

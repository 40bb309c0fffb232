import AsyncHTTPClient
import NIOCore
import Synchronization

/// A host and the address of it that was checked.
struct GatewayTarget: Hashable {
    let host: String
    let address: String
}

/// Clients that each connect to one address for one host, kept while they are of use: a client never looks the host up itself.
///
/// State: guarded by its lock. A client in use is never shut down; of those that nobody uses, the ones unused for longest go first.
final class GatewayConnections: Sendable {
    /// How many clients are kept while nobody uses them.
    private static let mostIdle = 32

    private struct Entry {
        let client: HTTPClient
        var users = 0
        var lastUse: UInt64 = 0
    }

    private struct State {
        var entries: [GatewayTarget: Entry] = [:]
        var uses: UInt64 = 0
        var isShutDown = false
    }

    private let state = Mutex(State())

    func with<Value: Sendable>(_ target: GatewayTarget, _ body: (HTTPClient) async throws -> Value) async throws -> Value {
        guard let client = take(target) else { throw CancellationError() }
        let result: Result<Value, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        await shutDown(release(target))
        return try result.get()
    }

    func shutDown() async {
        let idle = state.withLock { state -> [HTTPClient] in
            state.isShutDown = true
            return Self.removeIdle(from: &state, keeping: 0)
        }
        await shutDown(idle)
    }

    private func take(_ target: GatewayTarget) -> HTTPClient? {
        state.withLock { state in
            if state.isShutDown { return nil }
            state.uses += 1
            var entry = state.entries[target] ?? Entry(client: Self.makeClient(for: target))
            entry.users += 1
            entry.lastUse = state.uses
            state.entries[target] = entry
            return entry.client
        }
    }

    /// Returns the clients that are to be shut down now.
    private func release(_ target: GatewayTarget) -> [HTTPClient] {
        state.withLock { state in
            state.entries[target]?.users -= 1
            return Self.removeIdle(from: &state, keeping: state.isShutDown ? 0 : Self.mostIdle)
        }
    }

    private static func removeIdle(from state: inout State, keeping count: Int) -> [HTTPClient] {
        let idle = state.entries.filter { $0.value.users == 0 }
        guard idle.count > count else { return [] }
        let oldest = idle.sorted { $0.value.lastUse < $1.value.lastUse }.prefix(idle.count - count)
        for (target, _) in oldest { state.entries[target] = nil }
        return oldest.map(\.value.client)
    }

    private func shutDown(_ clients: [HTTPClient]) async {
        for client in clients {
            do {
                try await client.shutdown()
            } catch {
                // It was shut down before, or a connection did not close properly: it is gone either way.
                continue
            }
        }
    }

    private static func makeClient(for target: GatewayTarget) -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(10), read: .seconds(10)))
        configuration.dnsOverride = [target.host: target.address]
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}

import Dispatch
import Synchronization
import Testing

@testable import PushGateway

@Suite("Look-ups of names")
struct NameLookUpsTests {
    /// A resolver whose answers for names that begin with `slow` wait until the test lets them go.
    private final class Resolver: Sendable {
        let asked = Mutex<[String: Int]>([:])
        let gate = DispatchSemaphore(value: 0)

        func lookUp(_ host: String) -> [String] {
            asked.withLock { $0[host, default: 0] += 1 }
            if host.hasPrefix("slow") { gate.wait() }
            return host.hasPrefix("unknown") ? [] : ["192.0.2.1"]
        }
    }

    @Test("names that nobody can find hold up no name that was found before, and waiting is bounded")
    func slowNames() async throws {
        let resolver = Resolver()
        let names = NameLookUps(lifetime: .seconds(3600)) { resolver.lookUp($0) }
        #expect(try await names.addresses(of: "gateway.example") == ["192.0.2.1"])
        #expect(try await names.addresses(of: "unknown.example") == [])
        try await withThrowingTaskGroup(of: Int.self) { group in
            let most = NameLookUps.mostWaiting + 4
            for number in 0..<(most + 10) {
                group.addTask { try await names.addresses(of: "slow\(number).example").count }
            }
            // The ten that find no place are answered at once: not found.
            for _ in 0..<10 { #expect(try await group.next() == 0) }
            for _ in 0..<3 { #expect(try await names.addresses(of: "gateway.example") == ["192.0.2.1"]) }
            for _ in 0..<most { resolver.gate.signal() }
            for try await count in group { #expect(count == 1) }
        }
        #expect(resolver.asked.withLock { $0["gateway.example"] } == 1, "what was found is kept")
    }

    @Test("with too many names the oldest eighth is forgotten, the others are still known")
    func tooMany() async throws {
        let resolver = Resolver()
        let names = NameLookUps { resolver.lookUp($0) }
        for number in 0...NameLookUps.mostKnown { _ = try await names.addresses(of: "gateway\(number).example") }
        for number in [0, NameLookUps.mostKnown / 2, NameLookUps.mostKnown] {
            _ = try await names.addresses(of: "gateway\(number).example")
        }
        let asked = resolver.asked.withLock { $0 }
        #expect(asked["gateway0.example"] == 2)
        #expect(asked["gateway\(NameLookUps.mostKnown / 2).example"] == 1)
        #expect(asked["gateway\(NameLookUps.mostKnown).example"] == 1)
    }

    @Test("a name is asked for once however many wait for it, and nobody waits once cancelled")
    func together() async throws {
        let resolver = Resolver()
        let names = NameLookUps { resolver.lookUp($0) }
        let waiting = (0..<5).map { _ in Task { try await names.addresses(of: "slow.example") } }
        while resolver.asked.withLock({ $0.isEmpty }) { await Task.yield() }
        waiting[0].cancel()
        await #expect(throws: CancellationError.self) { try await waiting[0].value }
        resolver.gate.signal()
        for task in waiting.dropFirst() { #expect(try await task.value == ["192.0.2.1"]) }
        #expect(resolver.asked.withLock { $0 } == ["slow.example": 1])
    }
}

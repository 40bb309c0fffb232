import HTTPTypes
import MatrixModel
import Testing

@testable import ClientAPI
@testable import HearthRuntime
@testable import HearthServices
@testable import HearthSettings

struct OverloadTests {
    @Test("a held sync is not counted, and is answered however much is refused")
    func heldSync() async throws {
        try await EdgeFixture.run { fixture in
            let alice = try await fixture.register("alice")
            let sync = "/_matrix/client/v3/sync?set_presence=offline"
            let since = try #require(try await fixture.send(.get, sync, token: alice).json["next_batch"]?.stringValue)
            async let held = fixture.send(.get, "\(sync)&timeout=60000&since=\(since)", token: alice)
            while fixture.notifier.heldCount == 0 || fixture.services.admission.awakeCount > 0 { await Task.yield() }
            _ = try await fixture.send(
                .put, "/_matrix/client/v3/user/@alice:hearth.test/account_data/a.b", #"{"n":1}"#, token: alice)
            #expect(try await held.json["account_data"] != nil)
            #expect(fixture.services.admission.awakeCount == 0)
        }
    }

    @Test("bodies that would take too much memory together are refused; small ones never, and the memory comes back")
    func bodies() async throws {
        try await EdgeFixture.run(["limits.buffers": "4194304", "limits.request_body": "400000"]) { fixture in
            let alice = try await fixture.register("alice")
            let path = "/_matrix/client/v3/user/@alice:hearth.test/account_data/a.b"
            func put(_ count: Int) async throws -> Answered {
                try await fixture.send(.put, path, #"{"a":"\#(String(repeating: "x", count: count))"}"#, token: alice)
            }
            do {
                let most = try fixture.services.admission.memory(1_000_000, for: .bodies, to: MemoryBorrower())
                #expect(try await put(300_000).status == 429)
                withExtendedLifetime(most) {}
            }
            for _ in 0..<20 { #expect(try await put(50_000).status == 200) }
            let loan = try fixture.services.admission.memory(1_835_008, for: .bodies, to: MemoryBorrower())
            #expect(try await put(50_000).status == 429)
            #expect(try await put(1_000).status == 200)
            let answer = try await fixture.send(.get, path, token: alice)
            #expect(answer.status == 200)
            withExtendedLifetime(loan) {}
        }
    }

    @Test("a large answer is whole, and is refused to who asks while memory is short; a small one is not")
    func answers() async throws {
        try await EdgeFixture.run(["limits.buffers": "4194304", "limits.request_body": "400000"]) { fixture in
            let alice = try await fixture.register("alice")
            let path = "/_matrix/client/v3/user/@alice:hearth.test/account_data/"
            for (name, count) in [("large", 60_000), ("small", 100)] {
                let text = String(repeating: "x", count: count)
                let put = try await fixture.send(.put, path + name, #"{"a":"\#(text)"}"#, token: alice)
                #expect(put.status == 200)
                #expect(try await fixture.send(.get, path + name, token: alice).json["a"]?.stringValue == text)
            }
            var loan: MemoryLoan? = try fixture.services.admission.memory(1_835_008, for: .answers, to: MemoryBorrower())
            #expect(try await fixture.send(.get, path + "large", token: alice).status == 429)
            #expect(try await fixture.send(.get, path + "small", token: alice).status == 200)
            withExtendedLifetime(loan) {}
            loan = nil
            #expect(try await fixture.send(.get, path + "large", token: alice).status == 200)
        }
    }

    @Test("without a valid token a body has at most 16 KiB, with one it has the usual limit, at the same path")
    func strangers() async throws {
        try await EdgeFixture.run { fixture in
            let alice = try await fixture.register("alice")
            let large = #"{"type":"m.login.password","user":"alice","password":"\#(String(repeating: "x", count: 20_000))"}"#
            for token in [nil, "unknown"] {
                let answer = try await fixture.send(.post, "/_matrix/client/v3/login", large, token: token)
                #expect(answer.status == 413)
                #expect(try answer.code == "M_TOO_LARGE")
            }
            #expect(try await fixture.send(.post, "/_matrix/client/v3/login", large, token: alice).status == 403)
            let small = #"{"type":"m.login.password","user":"alice","password":"\#(String(repeating: "x", count: 12_000))"}"#
            let loan = try fixture.services.admission.memory(16_777_216, for: .strangersBodies, to: MemoryBorrower())
            #expect(try await fixture.send(.post, "/_matrix/client/v3/login", small).status == 429)
            let usual = #"{"type":"m.login.password","user":"alice","password":"secret"}"#
            let login = try await fixture.send(.post, "/_matrix/client/v3/login", usual)
            #expect(login.status == 200, "who sends little is not held off")
            withExtendedLifetime(loan) {}
        }
    }

    @Test("of all endpoints only the sync is a sync, and what changes nothing does not wait for the writer")
    func workloads() {
        for endpoint in Endpoints.all {
            if endpoint.method == .get { #expect(endpoint.workload != .change, "\(endpoint)") }
            #expect((endpoint.workload == .sync) == (endpoint == GetSync.self), "\(endpoint)")
            if [.put, .delete].contains(endpoint.method) { #expect(endpoint.workload == .change, "\(endpoint)") }
        }
    }
}

import HTTPTypes
import MatrixModel
import Testing

@testable import ClientAPI
@testable import HearthServices

struct OverloadTests {
    /// So many requests that each more may be refused, all waiting too long.
    private func overload(_ admission: Admission) throws {
        for _ in 0..<Admission.harmless { try admission.enter(.read) }
        for _ in 0..<50 { admission.observed(processorWait: .seconds(1), writerWait: .zero, readerWait: .zero) }
    }

    @Test("whoever is refused is told when to come again, in both ways, and nothing of the request has happened")
    func refused() async throws {
        try await EdgeFixture.run { fixture in
            let alice = try await fixture.register("alice")
            try overload(fixture.services.admission)
            let path = "/_matrix/client/v3/user/@alice:hearth.test/account_data/a.b"
            let answers = try await fixture.several(64) { try await fixture.send(.put, path, #"{"n":1}"#, token: alice) }
            let refused = answers.filter { $0.status == 429 }
            #expect(refused.count >= 63)
            for answer in refused {
                #expect(try answer.code == "M_LIMIT_EXCEEDED")
                let milliseconds = try #require(try answer.json["retry_after_ms"]?.integerValue)
                let seconds = try #require(answer.headers[.retryAfter].flatMap { Int64($0) })
                #expect(seconds * 1000 >= milliseconds && milliseconds > 0)
            }
            #expect(fixture.services.admission.awakeCount == Admission.harmless, "nobody is forgotten")
        }
    }

    @Test("operators are never refused, nor are clients that only ask what a browser asks first")
    func neverRefused() async throws {
        try await EdgeFixture.run { fixture in
            let admin = try await fixture.makeAdmin("root")
            try overload(fixture.services.admission)
            for _ in 0..<50 {
                #expect(try await fixture.send(.get, "/_hearth/admin/v1/overview", token: admin).status == 200)
                #expect(try await fixture.send(.options, "/_matrix/client/v3/sync").status == 200)
            }
        }
    }

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
        try await EdgeFixture.run(["limits.buffers": "1048576"]) { fixture in
            let alice = try await fixture.register("alice")
            let path = "/_matrix/client/v3/user/@alice:hearth.test/account_data/a.b"
            func put(_ count: Int) async throws -> Answered {
                try await fixture.send(.put, path, #"{"a":"\#(String(repeating: "x", count: count))"}"#, token: alice)
            }
            #expect(try await put(300_000).status == 429)
            for _ in 0..<20 { #expect(try await put(50_000).status == 200) }
            let loan = try fixture.services.admission.memory(1_048_576)
            #expect(try await put(50_000).status == 429)
            #expect(try await put(1_000).status == 200)
            let answer = try await fixture.send(.get, path, token: alice)
            #expect(answer.status == 200)
            withExtendedLifetime(loan) {}
        }
    }

    @Test("a large answer is whole, and is refused to who asks while memory is short; a small one is not")
    func answers() async throws {
        try await EdgeFixture.run(["limits.buffers": "1048576"]) { fixture in
            let alice = try await fixture.register("alice")
            let path = "/_matrix/client/v3/user/@alice:hearth.test/account_data/"
            for (name, count) in [("large", 60_000), ("small", 100)] {
                let text = String(repeating: "x", count: count)
                let put = try await fixture.send(.put, path + name, #"{"a":"\#(text)"}"#, token: alice)
                #expect(put.status == 200)
                #expect(try await fixture.send(.get, path + name, token: alice).json["a"]?.stringValue == text)
            }
            var loan: MemoryLoan? = try fixture.services.admission.memory(1_048_576)
            #expect(try await fixture.send(.get, path + "large", token: alice).status == 429)
            #expect(try await fixture.send(.get, path + "small", token: alice).status == 200)
            withExtendedLifetime(loan) {}
            loan = nil
            #expect(try await fixture.send(.get, path + "large", token: alice).status == 200)
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

extension EdgeFixture {
    fileprivate func several(_ count: Int, _ body: @escaping @Sendable () async throws -> Answered) async throws -> [Answered] {
        var answers: [Answered] = []
        for _ in 0..<count { answers.append(try await body()) }
        return answers
    }
}

import HTTPTypes
import Logging
import MatrixModel
import PresenceCore
import SubscriptionCore
import Testing

@testable import ClientAPI
@testable import HearthRuntime
@testable import HearthServices

@Suite("Answers of held syncs")
struct HeldAnswerTests {
    @Test(
        "a small answer is sent and counted; a large one is left to the responder, and nothing is counted of it",
        arguments: [100, 70_000])
    func sizes(bytes: Int) async throws {
        try await EdgeFixture.run { edge in
            let requester = try edge.accounts.requester(for: try await edge.register("alice"))
            let since = SyncToken(edge.notifier.position)
            let request = SyncRequest(since: since, timeout: .seconds(30), claim: .silent)
            let sync = try #require(edge.services.sync.hold(request, device: requester.key))
            defer { sync.end() }
            let head = HTTPRequest(method: .get, scheme: "http", authority: "x", path: "/_matrix/client/v3/sync?since=s1")
            let held = HeldSyncs.Held(sync, head: head, pattern: "/sync", requester: requester, poll: nil, id: "1")
            var response = SyncResponse(nextBatch: since)
            response.presence = [
                LegacyPresence(user: requester.user, lane: LaneState(), now: MatrixTimestamp(milliseconds: 0))
            ]
            response.accountData = [
                AccountDataItem(type: "a", content: ["a": .string(String(repeating: "x", count: bytes))]),
                AccountDataItem(type: "b", content: [:]),
            ]
            let recorder = RequestRecorder(trustedProxies: [], metrics: ServerMetrics())
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let syncs = HeldSyncs(services: edge.services, form: DirectAnswerForm(recorder: recorder, logger: logger))
            let answer = syncs.answer(response, to: held)
            let isSmall = bytes < ClientAnswer.pieceSize
            #expect((answer != nil) == isSmall)
            #expect(edge.services.legacy.snapshot().map(\.count) == (isSmall ? [1] : []))
        }
    }
}

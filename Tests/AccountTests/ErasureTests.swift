import HearthStore
import MatrixModel
import Testing

@testable import HearthServices

@Suite("Erasing an account")
struct ErasureTests {
    @Test(
        "account data of all rooms is deleted, whether the user asked to be erased or not; the wish alone is kept",
        arguments: [true, false])
    func accountData(erases: Bool) async throws {
        try await AccountFixture.run { server in
            let login = try #require(try await server.register("alice").login)
            let requester = try server.accounts.requester(for: login.accessToken)
            let room = try #require(RoomID("!a:hearth.test"))
            try await server.writer.perform { context in
                for place in [nil, room] {
                    try context.transaction.accountData.set(
                        StoredAccountData(
                            user: requester.user, room: place, type: "test", content: ["a": "b"],
                            position: context.nextPosition()))
                }
            }
            let auth = UIAuth(attempt: .password(user: "Alice", password: "secret"))
            try await server.accounts.deactivate(requester, erases: erases, auth: auth)
            let (data, erasures) = try await server.store.read { store in
                let last = try store.meta.position()
                return (
                    try store.accountData.changes(of: requester.user, after: .zero, upTo: last),
                    try store.erasures.erasures(of: [requester.user])
                )
            }
            #expect(data.isEmpty)
            #expect((erasures[requester.user] != nil) == erases)
        }
    }
}

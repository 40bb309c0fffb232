import MatrixModel
import Testing

@testable import HearthServices

@Suite("Sessions of user-interactive authentication")
struct UIASessionsTests {
    private func time(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    @Test("a session lives for its time and not a moment longer")
    func expiry() {
        var sessions = UIASessions(lifetime: .seconds(60))
        sessions.open("a", for: .registration, now: time(0))
        sessions.open("b", for: .registration, now: time(30))
        #expect(sessions.session("a", for: .registration, now: time(59)) != nil)
        #expect(sessions.session("a", for: .registration, now: time(60)) == nil)
        #expect(sessions.session("b", for: .registration, now: time(60)) != nil)
        #expect(sessions.count == 1)
    }

    @Test("a session counts for its own operation alone")
    func operations() throws {
        let alice = try #require(UserID("@alice:s"))
        let device = try #require(DeviceID("A"))
        let other = try #require(DeviceID("B"))
        var sessions = UIASessions()
        sessions.open("a", for: .deviceDeletion(alice, [device]), now: time(0))
        #expect(sessions.session("a", for: .deviceDeletion(alice, [device]), now: time(0)) != nil)
        #expect(sessions.session("a", for: .deviceDeletion(alice, [other]), now: time(0)) == nil)
        #expect(sessions.session("a", for: .registration, now: time(0)) == nil)
        #expect(sessions.session("none", for: .registration, now: time(0)) == nil)
    }

    @Test("completed stages are remembered, an ended session is gone, and completing it does not bring it back")
    func completion() {
        var sessions = UIASessions()
        sessions.open("a", for: .registration, now: time(0))
        sessions.complete(.registrationToken, in: "a", registrationToken: "t")
        #expect(sessions.session("a", for: .registration, now: time(1))?.completed == [.registrationToken])
        #expect(sessions.session("a", for: .registration, now: time(1))?.registrationToken == "t")
        sessions.end("a")
        sessions.complete(.dummy, in: "a", registrationToken: nil)
        #expect(sessions.session("a", for: .registration, now: time(1)) == nil)
    }

    @Test("the number of sessions stays bounded; the oldest goes first")
    func bounded() {
        var sessions = UIASessions(capacity: 10)
        for index in 0..<1_000 { sessions.open("\(index)", for: .registration, now: time(0)) }
        #expect(sessions.count == 10)
        #expect(sessions.session("989", for: .registration, now: time(0)) == nil)
        #expect(sessions.session("990", for: .registration, now: time(0)) != nil)
    }
}
